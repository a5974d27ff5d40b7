//! `exportd export`: exports of a server, asked for, followed and looked after from a terminal.
//!
//! What is [`wanted`] becomes a request; a [`Follower`](follow::Follower) sees it to its end over
//! server-sent [`events`], or by asking again where these do not come through, and a
//! [`Watch`](watching::Watch) tells whoever waits. Whatever a server says is made
//! [`plain`](super::plain) before a terminal gets it.

mod act;
mod asking;
mod command;
mod create;
mod events;
mod follow;
mod links;
mod list;
mod show;
mod told;
mod wanted;
mod watch;
mod watching;

pub use command::Export;
