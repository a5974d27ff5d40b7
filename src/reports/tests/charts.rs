//! Charts show what they are told to.

use serde_json::json;

use super::*;
use crate::formats::ChartShape;

fn chart(part: Json, data: Data) -> (Chart, Option<Block>) {
    let blocks = rendered(template(json!([part])), data).expect("rendered");
    let Block::Chart(chart) = blocks[1].clone() else { panic!("{blocks:?}") };
    (chart, blocks.get(2).cloned())
}

#[test]
fn a_chart_that_says_nothing_shows_the_first_numbers_over_time() {
    let (chart, told) = chart(json!({"type": "chart", "shape": "line", "points": 3}), Data::sales(10));
    assert_eq!((chart.shape, chart.title.as_str()), (ChartShape::Line, "The sales"));
    assert_eq!(chart.labels, ["2024-10-04", "2024-10-04", "2024-10-04"]);
    assert_eq!((chart.series[0].name.as_str(), &*chart.series[0].values), ("amount", &[0.0, 1.01, 2.02][..]));
    assert_eq!(told, Some(Block::Paragraph("3 of 10 points are shown in the chart.".to_owned())));
}

#[test]
fn rows_of_one_label_are_one_point_and_their_numbers_are_added_up() {
    let part = json!({"type": "chart", "shape": "bar", "label": "region", "values": ["units", "amount"], "group": true});
    let (chart, told) = chart(part, Data::sales(5_000));
    let mut sums = [("north", 0_u64), ("south", 0), ("east", 0)];
    (0..5_000_u64)
        .filter(|at| at % 5 != 4)
        .for_each(|at| sums[usize::try_from(at % 3).expect("small")].1 += at * 2);
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    assert_eq!(chart.labels, sums.map(|(region, _)| region));
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let wanted = sums.map(|(_, sum)| sum as f64);
    assert_eq!(chart.series[0].values, wanted);
    assert_eq!((chart.series.len(), told), (2, None));
}

#[test]
fn a_pie_is_one_whole_whatever_is_left_out_by_itself() {
    let part = json!({"type": "chart", "shape": "pie", "label": "day", "values": ["units"], "group": true, "points": 4,
        "sort": {"by": "units"}});
    let (chart, told) = chart(part, Data::sales(5_000));
    let total: f64 = chart.series[0].values.iter().sum();
    assert_eq!(
        (chart.labels.len(), chart.labels[4].as_str(), total.to_bits()),
        (5, "Other", 19_992_000_f64.to_bits())
    );
    assert_eq!(told, Some(Block::Paragraph("4 of 1250 points are shown by themselves.".to_owned())));
    assert!(chart.series[0].values[..4].is_sorted_by(|one, other| one >= other), "{:?}", chart.series);
}

#[test]
fn without_numbers_rows_are_counted() {
    let data = |count| {
        let fields = [("id", Type::Integer), ("role", Type::Text), ("at", Type::Timestamp)];
        Data::new("Talk").section("messages", &fields, count, |at, batch| {
            let role = if at % 4 == 0 { "assistant" } else { "user" };
            let at = i64::try_from(at).expect("small");
            row(batch, [Value::Integer(at), Value::Text(role), Value::Timestamp(at * 3_600_000_000)]);
        })
    };
    let (by_day, _) = chart(json!({"type": "chart", "shape": "line"}), data(60));
    assert_eq!(by_day.labels, ["1970-01-01", "1970-01-02", "1970-01-03"]);
    assert_eq!(by_day.series[0].values, [24.0, 24.0, 12.0]);
    let (by_role, _) =
        chart(json!({"type": "chart", "shape": "pie", "label": "role", "group": true}), data(60));
    assert_eq!(
        (by_role.labels, &*by_role.series[0].values),
        (vec!["user".into(), "assistant".into()], &[45.0, 15.0][..])
    );
    assert_eq!(by_role.series[0].name, "Rows");
}

#[test]
fn more_labels_than_can_be_told_apart_are_one_group_in_the_end() {
    let data = Data::new("Many").section("many", &[("word", Type::Text)], 30_000, |at, batch| {
        row(batch, [Value::Text(&format!("w{at}"))]);
    });
    let (chart, _) =
        chart(json!({"type": "chart", "shape": "pie", "label": "word", "group": true, "points": 9}), data);
    assert_eq!(
        (chart.labels.len(), chart.series[0].values.iter().sum::<f64>().to_bits()),
        (10, 30_000_f64.to_bits())
    );
}
