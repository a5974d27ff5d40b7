//! Memory that a packing thread keeps: fresh memory for every file would cost page faults.

use std::cell::RefCell;

thread_local! {
    static ROOM: RefCell<(Vec<u8>, Vec<u8>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// Lends this thread's two buffers: one to read into, one to compress into. What is in them is
/// whatever was left there.
pub fn lent<T>(work: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>) -> T) -> T {
    ROOM.with_borrow_mut(|(raw, room)| work(raw, room))
}
