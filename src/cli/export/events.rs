//! Server-sent events, out of bytes as they come.
//!
//! Source: WHATWG HTML, §9.2.5 and 9.2.6 (parsing and interpreting an event stream).

/// The longest line, and the longest data of one event, in bytes.
const LONGEST: usize = 1 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its type; `message` where it says none.
    pub name: String,
    /// Its lines, joined.
    pub data: String,
}

/// The server sends more in one event than anyone would keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {LONGEST} bytes")]
pub struct TooLong;

/// A stream of events.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    /// The last byte was a CR, which an LF may follow.
    after_cr: bool,
    /// A first line was seen: only it may begin with a byte order mark.
    has_begun: bool,
    name: String,
    data: Option<String>,
    id: Option<String>,
    last_id: Option<String>,
}

impl Events {
    /// The id of the last event that had one: where to go on after a break.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// The events that `bytes` complete.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' if std::mem::take(&mut self.after_cr) => {}
                b'\n' | b'\r' => {
                    self.after_cr = *byte == b'\r';
                    events.extend(self.end_of_line()?);
                }
                byte if self.line.len() < LONGEST => {
                    self.after_cr = false;
                    self.line.push(*byte);
                }
                _ => return Err(TooLong),
            }
        }
        Ok(events)
    }

    fn end_of_line(&mut self) -> Result<Option<Event>, TooLong> {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = if self.has_begun { &line } else { line.strip_prefix('\u{feff}').unwrap_or(&line) };
        self.has_begun = true;
        if line.is_empty() {
            return Ok(self.dispatched());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => self.append(value)?,
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            // An empty field is a comment, which keeps connections alive; `retry` we know better.
            _ => {}
        }
        Ok(None)
    }

    fn append(&mut self, value: &str) -> Result<(), TooLong> {
        match &mut self.data {
            None => self.data = Some(value.to_owned()),
            Some(data) if data.len() + value.len() < LONGEST => {
                data.push('\n');
                data.push_str(value);
            }
            Some(_) => return Err(TooLong),
        }
        Ok(())
    }

    /// What has no data is no event. An id counts from here on: who breaks off before is told again.
    fn dispatched(&mut self) -> Option<Event> {
        self.last_id.clone_from(&self.id);
        let name = std::mem::take(&mut self.name);
        let name = if name.is_empty() { "message".to_owned() } else { name };
        self.data.take().map(|data| Event { name, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    const STREAM: &str = "\u{feff}: hello\r\nevent: status\nid: 7\ndata: {\"a\":1}\r\r\ndata\n\n: keep-alive\n\nevent: x\n\ndata: one\ndata:  two\r\n\r\nid: 8\ndata: cut";

    #[test]
    fn events_are_read_as_browsers_read_them() {
        let mut events = Events::default();
        let read = events.take(STREAM.as_bytes()).expect("short");
        assert_eq!(read, [event("status", "{\"a\":1}"), event("message", ""), event("message", "one\n two")]);
        assert_eq!(events.last_id(), Some("7"), "the last event was cut");
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut events = Events::default();
        assert!(events.take(&vec![b'a'; LONGEST]).is_ok());
        assert_eq!(events.take(b"a"), Err(TooLong));
    }

    proptest! {
        #[test]
        fn wherever_the_bytes_are_cut_the_events_are_the_same(cut in 0..STREAM.len()) {
            let whole = Events::default().take(STREAM.as_bytes()).expect("short");
            let mut events = Events::default();
            let mut read = events.take(&STREAM.as_bytes()[..cut]).expect("short");
            read.extend(events.take(&STREAM.as_bytes()[cut..]).expect("short"));
            prop_assert_eq!(read, whole);
        }
    }
}
