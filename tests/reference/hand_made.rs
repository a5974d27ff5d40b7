//! A small world whose sums one can do in one's head, with everything that a careless query would
//! count twice, or to somebody else.

use super::place::Place;

/// Two users' rows around the turn of a month and of a week (2026-11-15 is a Sunday). Ada's first
/// answer has two ratings and three spans, her third conversation has no messages, and Bob did
/// the like at the same instants.
pub const ROWS: &str = "
INSERT INTO users VALUES
 ('ada', 'ada@example.org', 'Ada', '+1 202 555 0100', 'en-GB', 'GB', 'team', TRUE, ~2026-01-01T00:00:00.000Z~, ~2026-01-02T00:00:00.000Z~, NULL, 3),
 ('bob', 'bob@example.org', 'Bob', NULL, 'de-DE', 'DE', 'free', FALSE, ~2026-01-01T00:00:00.000Z~, ~2026-01-02T00:00:00.000Z~, ~2026-11-01T00:00:00.000Z~, 1);
INSERT INTO files VALUES
 ('fa1', 'ada', 'a.txt', 'text/plain', 100, 'aa', 'blobs/1', ~2026-11-16T00:00:00.000Z~),
 ('fa2', 'ada', 'b.txt', 'text/plain', 50, 'bb', 'blobs/2', ~2026-11-15T23:00:00.000Z~),
 ('fb1', 'bob', 'c.txt', 'text/plain', 7, 'cc', 'blobs/3', ~2026-11-16T00:00:00.000Z~);
INSERT INTO file_metadata VALUES
 ('fa1', 'language', 'en'), ('fa1', 'pages', '2'), ('fb1', 'pages', '9');
INSERT INTO widget_sessions VALUES
 ('wa1', 'ada', 'v1', 'https://a.example', 'GB', '192.0.2.1', 'browser', ~2026-11-15T23:59:00.000Z~, NULL),
 ('wb1', 'bob', 'v2', 'https://b.example', 'DE', '192.0.2.2', 'browser', ~2026-11-15T23:59:00.000Z~, NULL);
INSERT INTO conversations VALUES
 ('a1', 'ada', NULL, 'First', 'web', 'en', 'closed', ~2026-10-31T23:30:00.000Z~, ~2026-10-31T23:40:00.000Z~, 1),
 ('a2', 'ada', 'wa1', 'Second', 'widget', 'en', 'closed', ~2026-11-15T23:59:59.999Z~, ~2026-11-16T00:00:05.000Z~, 1),
 ('a3', 'ada', NULL, 'Third', 'api', 'ja', 'open', ~2026-11-16T12:00:00.000Z~, ~2026-11-16T12:00:00.000Z~, 1),
 ('b1', 'bob', 'wb1', 'Bob s', 'widget', 'de', 'open', ~2026-11-15T23:59:59.999Z~, ~2026-11-16T00:00:05.000Z~, 1);
INSERT INTO messages VALUES
 ('ma1', 'a1', 'ada', 1, 'user', 'größe 👍', NULL, NULL, NULL, NULL, ~2026-10-31T23:30:01.000Z~),
 ('ma2', 'a1', 'ada', 2, 'assistant', 'answer', 'm1', 100, 20, 2500, ~2026-10-31T23:30:03.500Z~),
 ('ma3', 'a2', 'ada', 1, 'user', 'one', NULL, NULL, NULL, NULL, ~2026-11-15T23:59:59.999Z~),
 ('ma4', 'a2', 'ada', 2, 'assistant', 'two', 'm1', 10, 2, 100, ~2026-11-16T00:00:00.000Z~),
 ('ma5', 'a2', 'ada', 3, 'assistant', 'three', 'm1', 30, 4, 300, ~2026-11-16T00:00:05.000Z~),
 ('mb1', 'b1', 'bob', 1, 'user', 'hallo', NULL, NULL, NULL, NULL, ~2026-11-15T23:59:59.999Z~),
 ('mb2', 'b1', 'bob', 2, 'assistant', 'tag', 'm1', 1000, 1000, 9000, ~2026-11-16T00:00:00.000Z~);
INSERT INTO feedback VALUES
 ('ra1', 'ma2', 'ada', 1, 'no', ~2026-11-01T00:10:00.000Z~),
 ('ra2', 'ma2', 'ada', 5, NULL, ~2026-11-01T00:20:00.000Z~),
 ('ra3', 'ma4', 'ada', 3, NULL, ~2026-11-16T00:00:00.000Z~),
 ('rb1', 'mb2', 'bob', 2, 'so lala', ~2026-11-16T00:00:00.000Z~);
INSERT INTO events VALUES
 ('ea1', 'ada', 'signed_in', '{\"device\":\"phone\"}', ~2026-11-15T23:59:59.999Z~),
 ('ea2', 'ada', 'search', '{}', ~2026-11-16T00:00:00.000Z~),
 ('eb1', 'bob', 'search', '{}', ~2026-11-16T00:00:00.000Z~);
INSERT INTO traces (id, user_id, conversation_id, message_id, trace_id, parent_trace_id, span_id, span_name, start_time, end_time, duration_ms,
 operation_type, model_name, model_provider, metadata, input_tokens, output_tokens, total_tokens, cost_usd, status, created_at, updated_at) VALUES
 ('sa1', 'ada', 'a1', 'ma2', 'ta1', NULL, 's1', 'chat', ~2026-10-31T23:30:01.500Z~, ~2026-10-31T23:30:03.500Z~, 2000, 'chat', 'm1', 'p', '{}', 100, 20, 120, '0.100001', 'success', ~2026-10-31T23:30:03.500Z~, ~2026-10-31T23:30:03.500Z~),
 ('sa2', 'ada', 'a1', 'ma2', 'ta1', 'ta1', 's2', 'look_up', ~2026-10-31T23:30:01.000Z~, ~2026-10-31T23:30:01.300Z~, 300, 'tool_call', NULL, NULL, '{}', NULL, NULL, NULL, NULL, 'error', ~2026-10-31T23:30:03.500Z~, ~2026-10-31T23:30:03.500Z~),
 ('sa3', 'ada', 'a1', 'ma2', 'ta1', 'ta1', 's3', 'look_up', ~2026-10-31T23:30:01.300Z~, ~2026-10-31T23:30:01.400Z~, 100, 'tool_call', NULL, NULL, '{}', NULL, NULL, NULL, NULL, 'success', ~2026-10-31T23:30:03.500Z~, ~2026-10-31T23:30:03.500Z~),
 ('sa4', 'ada', 'a2', 'ma4', 'ta2', NULL, 's4', 'chat', ~2026-11-16T00:00:00.000Z~, NULL, NULL, 'chat', 'm1', 'p', '{}', 10, 2, 12, '0.200002', 'error', ~2026-11-16T00:00:00.000Z~, ~2026-11-16T00:00:00.000Z~),
 ('sa5', 'ada', 'a2', 'ma5', 'ta3', NULL, 's5', 'chat', ~2026-11-16T00:00:05.000Z~, NULL, NULL, 'chat', 'm1', 'p', '{}', 30, 4, 34, '0.000003', 'success', ~2026-11-16T00:00:05.000Z~, ~2026-11-16T00:00:05.000Z~),
 ('sb1', 'bob', 'b1', 'mb2', 'tb1', NULL, 's6', 'chat', ~2026-11-16T00:00:00.000Z~, NULL, NULL, 'chat', 'm1', 'p', '{}', 1000, 1000, 2000, '9.000000', 'success', ~2026-11-16T00:00:00.000Z~, ~2026-11-16T00:00:00.000Z~);
";

impl Place {
    /// Creates the schema with the small world in it.
    pub async fn hand_made(&self) {
        self.up().await;
        for statement in ROWS.split(";\n") {
            if !statement.trim().is_empty() {
                self.run(statement).await;
            }
        }
    }
}
