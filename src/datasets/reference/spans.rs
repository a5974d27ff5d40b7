//! What the machines did for a made-up answer, span by span.

use std::time::Duration;

use serde_json::json;

use crate::domain::Timestamp;

use super::chance::Chance;
use super::insert::{Cell, Insert};

pub(super) const COLUMNS: &str = "id, user_id, conversation_id, message_id, trace_id, parent_trace_id, span_id, \
     span_name, start_time, end_time, duration_ms, operation_type, model_name, model_provider, model_version, \
     input_data, output_data, metadata, input_tokens, output_tokens, total_tokens, cost_usd, status, error_message, \
     error_type, created_at, updated_at, ttft_ms, tokens_per_second";

/// A model, and what a million of its tokens cost in dollars, in and out. None of them exists.
pub(super) struct Model {
    pub(super) name: &'static str,
    provider: &'static str,
    version: &'static str,
    price: (i64, i64),
}

pub(super) const MODELS: &[Model] = &[
    Model { name: "swift-small", provider: "northwind", version: "2026-03", price: (1, 4) },
    Model { name: "swift-large", provider: "northwind", version: "2026-06", price: (5, 20) },
    Model { name: "atlas-2", provider: "contoso", version: "2.1", price: (3, 12) },
];
const TOOLS: &[&str] = &["look_up_order", "search_help", "calculate", "send_mail"];

/// The answer that spans are of.
pub(super) struct Answer<'a> {
    pub(super) user: &'a str,
    pub(super) conversation: &'a str,
    pub(super) message: &'a str,
    pub(super) question: &'a str,
    pub(super) text: &'a str,
    pub(super) model: &'a Model,
    pub(super) tokens: (i64, i64),
    pub(super) asked_at: Timestamp,
    pub(super) latency_ms: i64,
}

/// Adds the spans of an answer: the model's, and before it now and then one of a tool. Tells how
/// many there are.
pub(super) fn trace(chance: &mut Chance, insert: &mut Insert, number: &mut u64, answer: &Answer<'_>) -> u64 {
    let (trace, before) = (chance.hex(32), *number);
    let mut began = answer.asked_at;
    let mut left = answer.latency_ms;
    if chance.percent(35) {
        let took = chance.between(left / 10, left / 3);
        tool(chance, insert, number, answer, &trace, began, took);
        began = began.plus(millis(took));
        left -= took;
    }
    chat(chance, insert, number, answer, &trace, began, left);
    *number - before
}

fn chat(
    chance: &mut Chance,
    insert: &mut Insert,
    number: &mut u64,
    answer: &Answer<'_>,
    trace: &str,
    began: Timestamp,
    took: i64,
) {
    let (read, written) = answer.tokens;
    let failed = chance.percent(3);
    let (read_price, written_price) = answer.model.price;
    let input =
        json!({"messages": [{"role": "user", "content": answer.question}], "temperature": 0.2}).to_string();
    let output = json!({"role": "assistant", "content": answer.text}).to_string();
    let metadata =
        json!({"retries": if failed { 1 } else { 0 }, "region": chance.of(&["eu-1", "us-2"])}).to_string();
    let first_token = took * chance.between(5, 30) / 100;
    // A thousandth of a second is the least that a span takes here, so nothing is divided by zero.
    let speed = (written * 1_000_000 / took.max(1)) as f64 / 1_000.0;
    let (id, span, ended) = (next(number), chance.hex(16), began.plus(millis(took)));
    insert.row(&[
        (&id).into(),
        answer.user.into(),
        answer.conversation.into(),
        answer.message.into(),
        trace.into(),
        Cell::Null,
        (&span).into(),
        "chat".into(),
        began.into(),
        ended.into(),
        (took as f64).into(),
        "chat".into(),
        answer.model.name.into(),
        answer.model.provider.into(),
        answer.model.version.into(),
        (&input).into(),
        (!failed).then_some(&output).into(),
        (&metadata).into(),
        read.into(),
        written.into(),
        (read + written).into(),
        Cell::Millionths(read * read_price + written * written_price),
        if failed { "error" } else { "success" }.into(),
        failed.then_some("the model did not answer in time; asked again").into(),
        failed.then_some("timeout").into(),
        ended.into(),
        ended.into(),
        (first_token as f64).into(),
        speed.into(),
    ]);
}

fn tool(
    chance: &mut Chance,
    insert: &mut Insert,
    number: &mut u64,
    answer: &Answer<'_>,
    trace: &str,
    began: Timestamp,
    took: i64,
) {
    let failed = chance.percent(6);
    let name = *chance.of(TOOLS);
    let input = json!({"arguments": {"query": answer.question}}).to_string();
    let output = json!({"found": chance.below(5)}).to_string();
    let (id, span, ended) = (next(number), chance.hex(16), began.plus(millis(took)));
    let mut cells = [Cell::Null; 29];
    let told: [(usize, Cell<'_>); 19] = [
        (0, (&id).into()),
        (1, answer.user.into()),
        (2, answer.conversation.into()),
        (3, answer.message.into()),
        (4, trace.into()),
        (5, trace.into()),
        (6, (&span).into()),
        (7, name.into()),
        (8, began.into()),
        (9, ended.into()),
        (10, (took as f64).into()),
        (11, "tool_call".into()),
        (15, (&input).into()),
        (16, (!failed).then_some(&output).into()),
        (17, "{}".into()),
        (22, if failed { "error" } else { "success" }.into()),
        (23, failed.then_some("the tool refused its arguments").into()),
        (25, ended.into()),
        (26, ended.into()),
    ];
    for (place, cell) in told {
        cells[place] = cell;
    }
    cells[24] = failed.then_some("invalid_arguments").into();
    insert.row(&cells);
}

fn next(number: &mut u64) -> String {
    *number += 1;
    format!("span_{number:08}")
}

/// So many milliseconds; none when there are fewer.
pub(super) fn millis(count: i64) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or(0))
}
