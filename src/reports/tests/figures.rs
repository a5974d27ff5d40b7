//! Figures are taken over all rows, however few are kept.

use super::*;

#[test]
fn figures_are_those_of_all_rows_as_another_program_has_them() {
    // 5,000 rows: more than are kept, over several batches. Amounts `n.nn` with n % 100 as cents.
    let told = said(
        "{{ count }} {{ rows|length }} {{ section.column.amount.sum }} {{ section.column.amount.max }} \
         {{ section.column.units.sum }} {{ section.column.units.filled }} {{ section.column.units.missing }} \
         {{ section.column.units.mean }} {{ section.column.units.min }} {{ section.column.day.min|date }} \
         {{ section.column.day.max }} {{ section.measure.name }} {{ section.axis.name }} {{ section.column.region.sum is none }}",
        Data::sales(5_000),
    );
    // python3: sum(Decimal(f"{n}.{n%100:02}") for n in range(5000)) and so on.
    let units: Vec<u64> = (0..5_000).filter(|at| at % 5 != 4).map(|at| at * 2).collect();
    let cents: u64 = (0..5_000_u64).map(|at| at * 100 + at % 100).sum();
    assert_eq!(cents, 1_249_997_500, "12,499,975.00");
    let (sum, filled) = (units.iter().sum::<u64>(), units.len() as u64);
    assert_eq!((sum, filled), (19_992_000, 4_000));
    let all = "5000 1000 12499975.0 4999.99 19992000 4000 1000 4998.0 0 2024-10-04 2028-03-06 amount day yes";
    assert_eq!(told, Ok(vec![all.to_owned()]));
}

#[test]
fn every_section_has_figures_of_its_own_and_nothing_is_none_of_them() {
    let data =
        Data::sales(3).section("empty", &[("id", Type::Integer), ("score", Type::Number)], 0, |_, _| {});
    let told = said(
        "{% for s in sections %}- {{ s.name }} {{ s.count }} {{ s.column.score.mean|default('none') if s.name == 'empty' else '' }} \
         {{ s.measures|map('name')|join('+') }}\n{% endfor %}- {{ total }} {{ data.empty.column.score.sum }} {{ data.empty.column.id.max is none }}",
        data,
    );
    assert_eq!(told.expect("said"), ["* sales 3  amount+units", "* empty 0 none score", "* 3 0.0 yes"]);
}

#[test]
fn rows_that_break_off_make_no_report() {
    struct Broken(Arc<Schema>);
    impl Rows for Broken {
        fn schema(&self) -> &Arc<Schema> {
            &self.0
        }
        fn next(&mut self, _: Batch) -> Result<Option<Batch>, DataError> {
            let fault = crate::records::DataFault::SourceLost { row: Some(7) };
            Err(DataError { data_set: "sales".into(), section: None, fault })
        }
    }
    let Data { head, .. } = Data::sales(1);
    let report = Report::read(of_text("{{ count }}")).expect("a report");
    let recorded = Recorded::default();
    let rows: Box<dyn Rows> = Box::new(Broken(Arc::clone(&head.sections[0].schema)));
    let told = render(&report, &head, &mut [Ok(rows)].into_iter(), Box::new(recorded.clone()), &options());
    assert!(matches!(told, Err(ReportError::Rows(_))), "{told:?}");
    assert_eq!(*recorded.blocks(), [], "nothing is written before all rows have come");
}
