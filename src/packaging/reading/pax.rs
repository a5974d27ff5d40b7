//! What a header could not hold: pax records (POSIX.1-2001), and GNU's long names.

/// What the records before a member's header say of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// Its name.
    pub name: Option<String>,
    /// Its size.
    pub size: Option<u64>,
    /// Whether its content is a map and pieces, not bytes.
    pub is_sparse: bool,
}

impl Extensions {
    /// Reads `records`: each `length key=value\n`, where `length` counts all of it.
    pub fn read(&mut self, mut records: &[u8]) -> Result<(), &'static str> {
        while !records.is_empty() {
            let (key, value, rest) = record(records).ok_or("an extension cannot be read")?;
            match key {
                b"path" => self.name = Some(String::from_utf8_lossy(value).into_owned()),
                b"size" => self.size = Some(size(value).ok_or("an extension's size is no number")?),
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
            records = rest;
        }
        Ok(())
    }

    /// Takes a name that GNU tar wrote as a member of its own.
    pub fn long_name(&mut self, record: &[u8]) -> Result<(), &'static str> {
        let name = record.strip_suffix(b"\0").ok_or("a long name does not end")?;
        self.name = Some(String::from_utf8_lossy(name).into_owned());
        Ok(())
    }
}

fn size(value: &[u8]) -> Option<u64> {
    let size: u64 = str::from_utf8(value).ok()?.parse().ok()?;
    i64::try_from(size).is_ok().then_some(size)
}

/// Key, value and what comes after the first record.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().position(|byte| *byte == b' ')?;
    let length: usize = str::from_utf8(&records[..space]).ok()?.parse().ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let pair = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    Some((&pair[..equals], &pair[equals + 1..], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_by_their_lengths_and_not_by_their_lines() {
        let mut read = Extensions::default();
        assert_eq!(
            read.read(b"13 path=a\nb=\n15 size=123456\n12 mtime=1\n"),
            Err("an extension cannot be read")
        );
        let mut read = Extensions::default();
        assert_eq!(read.read(b"13 path=a\nb=\n15 size=123456\n11 mtime=1\n"), Ok(()));
        assert_eq!(read, Extensions { name: Some("a\nb=".into()), size: Some(123_456), is_sparse: false });
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for wrong in ["0 a=b\n", "99 a=b\n", "6 a=b", "a=b\n", "6 a=b\nx", "18446744073709551616 a=b\n"] {
            assert!(Extensions::default().read(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        assert!(Extensions::default().read(b"11 size=-1\n").is_err());
        assert!(Extensions::default().long_name(b"no end").is_err());
    }
}
