//! The made-up world: who talks with whom about what, and the rows that are left of it.

use crate::domain::Timestamp;

use super::chance::Chance;
use super::insert::{Cell, Insert};
use super::lives::{self, seconds};
use super::seed::{Seed, Seeded};
use super::spans::{self, Answer, MODELS, millis};
use super::talks::{COMMENTS, LANGUAGES, Language, Talk};
use super::target::Target;
use super::{Dialect, ReferenceError};

/// The rows of each table that are on their way, those that others refer to first.
struct Tables {
    users: Insert,
    files: Insert,
    file_facts: Insert,
    sessions: Insert,
    conversations: Insert,
    messages: Insert,
    feedback: Insert,
    events: Insert,
    traces: Insert,
}

impl Tables {
    fn new(dialect: Dialect) -> Self {
        let into = |table, columns| Insert::into(dialect, table, columns);
        Self {
            users: into("users", lives::USER_COLUMNS),
            files: into("files", lives::FILE_COLUMNS),
            file_facts: into("file_metadata", lives::FILE_FACT_COLUMNS),
            sessions: into("widget_sessions", lives::SESSION_COLUMNS),
            conversations: into("conversations", CONVERSATION_COLUMNS),
            messages: into("messages", MESSAGE_COLUMNS),
            feedback: into("feedback", "id, message_id, user_id, rating, comment, created_at"),
            events: into("events", lives::EVENT_COLUMNS),
            traces: into("traces", spans::COLUMNS),
        }
    }

    fn in_order(&mut self) -> [&mut Insert; 9] {
        [
            &mut self.users,
            &mut self.files,
            &mut self.file_facts,
            &mut self.sessions,
            &mut self.conversations,
            &mut self.messages,
            &mut self.feedback,
            &mut self.events,
            &mut self.traces,
        ]
    }
}

const CONVERSATION_COLUMNS: &str =
    "id, user_id, widget_session_id, title, channel, language, status, created_at, updated_at, row_version";
const MESSAGE_COLUMNS: &str = "id, conversation_id, user_id, seq, role, content, model, input_tokens, output_tokens, \
                               latency_ms, created_at";

/// All that is made up, as far as it has come.
pub(super) struct World<'a> {
    wanted: &'a Seed,
    chance: Chance,
    users: Vec<String>,
    tables: Tables,
    seeded: Seeded,
}

impl<'a> World<'a> {
    pub(super) fn new(wanted: &'a Seed, dialect: Dialect) -> Self {
        let others = (2..=wanted.users.max(1)).map(|number| format!("user-{number:06}"));
        let users = std::iter::once(wanted.first.to_string()).chain(others).collect();
        let (chance, tables) = (Chance::new(wanted.seed), Tables::new(dialect));
        Self { wanted, chance, users, tables, seeded: Seeded::default() }
    }

    /// How many rows there are by now.
    pub(super) fn seeded(&self) -> Seeded {
        self.seeded
    }

    /// The users, and their files.
    pub(super) async fn people(&mut self, target: &mut Target) -> Result<(), ReferenceError> {
        for place in 0..self.users.len() {
            let user = self.users[place].clone();
            lives::user(&mut self.chance, &mut self.tables.users, &user, place, self.wanted.from());
            self.seeded.users += 1;
            let files = if place == 0 { 40 } else { self.chance.between(0, 8) };
            for _ in 0..files {
                self.seeded.files += 1;
                let at = self.wanted.moment(&mut self.chance);
                let (files, facts) = (&mut self.tables.files, &mut self.tables.file_facts);
                lives::file(&mut self.chance, files, facts, self.seeded.files, &user, at);
            }
            self.send_when_full(target).await?;
        }
        Ok(())
    }

    /// One conversation with everything around it.
    pub(super) fn conversation(&mut self) {
        let user = self.users[self.wanted.user(&mut self.chance)].clone();
        let begun = self.wanted.moment(&mut self.chance);
        self.seeded.conversations += 1;
        let id = format!("conv_{:07}", self.seeded.conversations);
        let (language, talk) = self.subject();
        let channel = *self.chance.of(&["web", "web", "widget", "api"]);
        let session = (channel == "widget").then(|| self.session(&user, begun));
        let number = self.chance.between(100, 99_999).to_string();
        let title = talk.title.replace('#', &number);
        let pairs = self.chance.between(1, 4);
        let status = if self.chance.percent(80) { "closed" } else { "open" };
        let ended = begun.plus(seconds(pairs * 90));
        self.tables.conversations.row(&[
            (&id).into(),
            (&user).into(),
            session.as_ref().into(),
            (&title).into(),
            channel.into(),
            language.code.into(),
            status.into(),
            begun.into(),
            ended.into(),
            self.chance.between(1, 5).into(),
        ]);
        self.events(&user, begun);
        let mut said = Said { conversation: &id, user: &user, seq: 0, at: begun };
        if self.chance.percent(15) {
            self.say(
                &mut said,
                "system",
                "Answer briefly and politely, in the language you are asked in.",
                None,
            );
        }
        for turn in 0..pairs {
            let turn = usize::try_from(turn).unwrap_or(0);
            let (question, answer) = talk.turns.get(turn).unwrap_or(&language.more);
            self.turn(&mut said, &question.replace('#', &number), &answer.replace('#', &number));
        }
    }

    /// In which language, and about what: half of all are in the first language.
    fn subject(&mut self) -> (&'static Language, &'static Talk) {
        let language = if self.chance.percent(40) { &LANGUAGES[0] } else { self.chance.of(LANGUAGES) };
        (language, self.chance.of(language.talks))
    }

    fn session(&mut self, user: &str, begun: Timestamp) -> String {
        self.seeded.widget_sessions += 1;
        let id = format!("wid_{:07}", self.seeded.widget_sessions);
        let at = begun.minus(seconds(self.chance.between(1, 600)));
        lives::session(&mut self.chance, &mut self.tables.sessions, &id, user, at);
        id
    }

    fn events(&mut self, user: &str, about: Timestamp) {
        for _ in 0..self.chance.between(2, 6) {
            self.seeded.events += 1;
            let at = about.plus(millis(self.chance.below(600_000)));
            lives::event(&mut self.chance, &mut self.tables.events, self.seeded.events, user, at);
        }
    }

    /// A question and its answer, how it came about, and what was thought of it.
    fn turn(&mut self, said: &mut Said<'_>, question: &str, text: &str) {
        said.at = said.at.plus(millis(self.chance.between(1_000, 40_000)));
        let asked_at = said.at;
        self.say(said, "user", question, None);
        let latency_ms = self.chance.between(300, 4_000) * self.chance.between(1, 3);
        let model = self.chance.of(MODELS);
        // About four letters to a token, and what comes along with a question.
        let tokens = (400 + length(question) / 4, 1 + length(text) / 4);
        said.at = said.at.plus(millis(latency_ms));
        let message = self.say(said, "assistant", text, Some((model.name, tokens, latency_ms)));
        let (user, conversation) = (said.user, said.conversation);
        if self.chance.percent(60) {
            let answer = Answer {
                user,
                conversation,
                message: &message,
                question,
                text,
                model,
                tokens,
                asked_at,
                latency_ms,
            };
            let mut number = self.seeded.traces;
            spans::trace(&mut self.chance, &mut self.tables.traces, &mut number, &answer);
            self.seeded.traces = number;
        }
        if self.chance.percent(12) {
            self.rate(&message, user, said.at);
        }
    }

    /// Adds a message and tells its id.
    fn say(
        &mut self,
        said: &mut Said<'_>,
        role: &str,
        text: &str,
        by: Option<(&str, (i64, i64), i64)>,
    ) -> String {
        said.seq += 1;
        self.seeded.messages += 1;
        let id = format!("msg_{:08}", self.seeded.messages);
        self.tables.messages.row(&[
            (&id).into(),
            said.conversation.into(),
            said.user.into(),
            said.seq.into(),
            role.into(),
            text.into(),
            by.map(|(model, ..)| model).into(),
            by.map(|(_, (read, _), _)| read).into(),
            by.map(|(_, (_, written), _)| written).into(),
            by.map(|(.., latency_ms)| latency_ms).into(),
            said.at.into(),
        ]);
        id
    }

    fn rate(&mut self, message: &str, user: &str, answered: Timestamp) {
        self.seeded.feedback += 1;
        let id = format!("fb_{:07}", self.seeded.feedback);
        let (rating, comment) = *self.chance.of(COMMENTS);
        let comment = if self.chance.percent(40) { Cell::Text(comment) } else { Cell::Null };
        let at = answered.plus(seconds(self.chance.between(2, 600)));
        let row = [(&id).into(), message.into(), user.into(), rating.into(), comment, at.into()];
        self.tables.feedback.row(&row);
    }

    pub(super) async fn send_when_full(&mut self, target: &mut Target) -> Result<(), ReferenceError> {
        if self.tables.in_order().iter().any(|insert| insert.is_full()) {
            return self.send(target).await;
        }
        Ok(())
    }

    pub(super) async fn send(&mut self, target: &mut Target) -> Result<(), ReferenceError> {
        for insert in self.tables.in_order() {
            insert.send(target).await?;
        }
        Ok(())
    }
}

/// How far a conversation has come.
struct Said<'a> {
    conversation: &'a str,
    user: &'a str,
    seq: i64,
    at: Timestamp,
}

fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}
