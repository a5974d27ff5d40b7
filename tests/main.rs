//! What a user of exportd would notice.

mod floors;
