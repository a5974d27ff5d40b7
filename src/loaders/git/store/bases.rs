//! Objects that others are told by: unpacked once, for as long as there is room.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::Kind;

/// Bytes that are kept, of all objects together.
const ROOM: usize = 32 << 20;
/// Larger ones are not kept: one of them would throw out all the others.
const LARGEST: usize = 2 << 20;

/// Where an object stands: its pack, and its offset there.
pub type Stand = (usize, u64);

/// An unpacked object.
pub type Base = (Kind, Arc<Vec<u8>>);

/// What was unpacked lately, first in, first out.
#[derive(Debug, Default)]
pub struct Bases(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    objects: HashMap<Stand, Base>,
    order: VecDeque<Stand>,
    bytes: usize,
}

impl Bases {
    /// The object at `stand`, if it is kept.
    pub fn get(&self, stand: Stand) -> Option<Base> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).objects.get(&stand).cloned()
    }

    /// Keeps the object at `stand`, and forgets others for it.
    pub fn put(&self, stand: Stand, (kind, bytes): &Base) {
        if bytes.len() > LARGEST {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.objects.insert(stand, (*kind, Arc::clone(bytes))).is_some() {
            return;
        }
        kept.order.push_back(stand);
        kept.bytes += bytes.len();
        while kept.bytes > ROOM {
            let Some(oldest) = kept.order.pop_front() else { return };
            let gone = kept.objects.remove(&oldest).map_or(0, |(_, bytes)| bytes.len());
            kept.bytes -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_never_grows_beyond_its_room() {
        let bases = Bases::default();
        for i in 0..100 {
            bases.put((0, i), &(Kind::Blob, Arc::new(vec![0; 1 << 20])));
        }
        assert!(bases.get((0, 99)).is_some() && bases.get((0, 60)).is_none());
        bases.put((0, 200), &(Kind::Blob, Arc::new(vec![0; LARGEST + 1])));
        assert!(bases.get((0, 200)).is_none());
        assert_eq!(bases.0.lock().expect("nobody panicked").bytes, ROOM);
    }
}
