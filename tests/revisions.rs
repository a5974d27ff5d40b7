//! Revisions of git repositories, read straight from their objects.

mod bench;
mod broken;
mod called;
mod hostile;
mod sameness;
