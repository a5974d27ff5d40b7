//! The browsers that people download with, cut off half way.
