//! The table at the end of a package of Zstandard frames that tells where each begins.
//!
//! Source: Zstandard Seekable Archive 0.1.0 (zstd, contrib/seekable_format).

use super::Damage;
use super::input::Input;

/// The skippable frame that holds it.
pub const MAGIC: u32 = 0x184d_2a5e;
/// The last bytes of all.
const FOOTER: u32 = 0x8f92_eab1;
/// Packages of more frames are not ours: at 2 MiB each that would be 2 TiB.
const MOST_FRAMES: usize = 1 << 20;
const HERE: &str = "seek table";

/// The frames that were read, to be held against what the table says.
#[derive(Default)]
pub struct Seen(Vec<(u64, u64)>);

impl Seen {
    /// Another frame, of so many bytes packed and unpacked.
    pub fn add(&mut self, packed: u64, raw: u64) -> Result<(), Damage> {
        if self.0.len() == MOST_FRAMES {
            return Err(Damage::coding(HERE, format!("more than {MOST_FRAMES} frames")));
        }
        self.0.push((packed, raw));
        Ok(())
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Reads the table, from behind its magic number on, and compares.
    pub fn compare(&self, input: &mut Input) -> Result<(), Damage> {
        let wrong = |fault: String| Damage::coding(HERE, fault);
        let length = u64::from(u32::from_le_bytes(input.exactly(HERE)?));
        let sizes = self.0.len() as u64;
        let with_checksums = match length.checked_sub(9) {
            Some(rest) if rest == sizes * 8 => false,
            Some(rest) if rest == sizes * 12 => true,
            _ => return Err(wrong(format!("has {length} bytes, which is not right for {sizes} frames"))),
        };
        for (number, (packed, raw)) in (1..).zip(&self.0) {
            let told = [u32::from_le_bytes(input.exactly(HERE)?), u32::from_le_bytes(input.exactly(HERE)?)];
            if told.map(u64::from) != [*packed, *raw] {
                return Err(wrong(format!("does not fit frame {number}")));
            }
            if with_checksums {
                input.exactly::<4>(HERE)?;
            }
        }
        let count = u32::from_le_bytes(input.exactly(HERE)?);
        let [descriptor] = input.exactly(HERE)?;
        let footer = u32::from_le_bytes(input.exactly(HERE)?);
        if u64::from(count) != sizes || descriptor != u8::from(with_checksums) << 7 || footer != FOOTER {
            return Err(wrong("its last nine bytes are not right".to_owned()));
        }
        Ok(())
    }
}
