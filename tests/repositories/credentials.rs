//! API tokens and sessions: found by what they hash to, taken back everywhere at once.

use exportd::db::{Database, MOST_API_TOKENS, MOST_SESSIONS};
use exportd::domain::{ApiToken, ApiTokenId, Role, Scope, Scopes, Session, SessionId, Sha256, Timestamp};
use exportd::telemetry::Metrics;

use super::{MINUTE, NOW, Rows, on_both, user};

on_both!(
    a_token_is_found_by_what_it_hashes_to_as_it_was_made,
    a_token_is_taken_back_for_every_server_and_its_sessions_with_it,
    a_user_has_so_many_good_tokens_and_no_more_however_many_are_made_at_once,
    of_too_many_sessions_the_oldest_end,
    a_use_is_written_down_and_never_an_older_one_over_it,
    tokens_and_sessions_that_ended_long_ago_are_pruned,
);

fn token(owner: &str, hash: [u8; 32]) -> ApiToken {
    ApiToken {
        id: ApiTokenId::new(),
        owner: user(owner),
        role: Role::Admin,
        acting: Some("root".to_owned()),
        name: "nightly \u{fc} backup".to_owned(),
        token_hash: Sha256(hash),
        scopes: Scopes::new([Scope::Read, Scope::Write]).expect("two"),
        created_at: NOW,
        expires_at: Some(NOW.plus(MINUTE)),
        revoked_at: None,
        last_used_at: None,
    }
}

fn session(name: &str, hash: [u8; 32], api_token: Option<ApiTokenId>) -> Session {
    Session {
        id: SessionId::new(),
        user: user(name),
        role: Role::User,
        scope: Scope::Write,
        acting: None,
        token_hash: Sha256(hash),
        api_token,
        created_at: NOW,
        expires_at: NOW.plus(MINUTE),
        last_used_at: NOW,
    }
}

/// 32 bytes that no other number has.
fn hash(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

async fn found(rows: &Rows, token: &ApiToken) -> Option<ApiToken> {
    rows.database.api_tokens().by_hash(&token.token_hash).await.expect("an answer")
}

async fn shown(rows: &Rows, session: &Session) -> Option<Session> {
    rows.database.sessions().by_hash(&session.token_hash).await.expect("an answer")
}

async fn a_token_is_found_by_what_it_hashes_to_as_it_was_made(rows: Rows) {
    let tokens = rows.database.api_tokens();
    let lasting = ApiToken { expires_at: None, acting: None, ..token("ada", hash(1)) };
    let (short, of_bob) = (token("ada", hash(2)), token("bob", hash(3)));
    for token in [&lasting, &short, &of_bob] {
        assert!(tokens.make(token).await.expect("written"));
        assert_eq!(found(&rows, token).await.as_ref(), Some(token));
        assert_eq!(tokens.find(token.id).await.expect("an answer").as_ref(), Some(token));
    }
    assert_eq!(found(&rows, &token("ada", hash(4))).await, None);
    assert!(tokens.make(&token("eve", hash(1))).await.is_err(), "one hash is one token");
    let good = async |at| tokens.good_of(&user("ada"), at).await.expect("a list");
    assert_eq!(good(NOW).await, [lasting.clone(), short]);
    assert_eq!(good(NOW.plus(MINUTE)).await, [lasting]);
}

async fn a_token_is_taken_back_for_every_server_and_its_sessions_with_it(rows: Rows) {
    let there = Database::open(&rows.config, Metrics::new("test")).await.expect("another server");
    let token = token("ada", hash(1));
    assert!(rows.database.api_tokens().make(&token).await.expect("written"));
    let (of_token, own) = (session("ada", hash(2), Some(token.id)), session("ada", hash(3), None));
    for session in [&of_token, &own] {
        rows.database.sessions().begin(session).await.expect("written");
        assert_eq!(shown(&rows, session).await.as_ref(), Some(session));
    }
    there.api_tokens().revoke(token.id, NOW).await.expect("written");
    there.api_tokens().revoke(token.id, NOW.plus(MINUTE)).await.expect("once is enough");
    assert_eq!(found(&rows, &token).await.expect("its row stays").revoked_at, Some(NOW));
    assert_eq!(rows.database.api_tokens().good_of(&user("ada"), NOW).await.expect("a list"), []);
    assert_eq!(shown(&rows, &of_token).await, None);
    assert!(shown(&rows, &own).await.is_some());
    there.sessions().end(own.id).await.expect("ended");
    assert_eq!(shown(&rows, &own).await, None);
    there.close().await;
}

async fn a_user_has_so_many_good_tokens_and_no_more_however_many_are_made_at_once(rows: Rows) {
    let there = Database::open(&rows.config, Metrics::new("test")).await.expect("another server");
    let making = (0..MOST_API_TOKENS + 20).map(|number| {
        let database = if number % 2 == 0 { rows.database.clone() } else { there.clone() };
        tokio::spawn(async move { database.api_tokens().make(&token("ada", hash(number))).await })
    });
    let mut made = 0;
    for making in making.collect::<Vec<_>>() {
        made += u64::from(making.await.expect("no panic").expect("an answer"));
    }
    assert_eq!(made, MOST_API_TOKENS);
    let tokens = rows.database.api_tokens();
    assert!(tokens.make(&token("bob", hash(900))).await.expect("written"), "others have their own");
    let good = tokens.good_of(&user("ada"), NOW).await.expect("a list");
    tokens.revoke(good[0].id, NOW).await.expect("written");
    assert!(tokens.make(&token("ada", hash(901))).await.expect("written"), "room again");
    assert!(!tokens.make(&token("ada", hash(902))).await.expect("an answer"));
    let later = ApiToken { created_at: NOW.plus(MINUTE), ..token("ada", hash(903)) };
    assert!(tokens.make(&later).await.expect("written"), "those have expired");
    there.close().await;
}

async fn of_too_many_sessions_the_oldest_end(rows: Rows) {
    let mut begun = Vec::new();
    for number in 0..=MOST_SESSIONS {
        let at = Timestamp::from_millis(NOW.millis() + i64::try_from(number).expect("few"));
        let session = Session { created_at: at, ..session("ada", hash(number), None) };
        rows.database.sessions().begin(&session).await.expect("written");
        begun.push(session);
    }
    let of_bob = session("bob", hash(900), None);
    rows.database.sessions().begin(&of_bob).await.expect("written");
    assert_eq!(shown(&rows, &begun[0]).await, None);
    for session in begun[1..].iter().chain([&of_bob]) {
        assert!(shown(&rows, session).await.is_some());
    }
}

async fn a_use_is_written_down_and_never_an_older_one_over_it(rows: Rows) {
    let (token, session) = (token("ada", hash(1)), session("ada", hash(2), None));
    let (tokens, sessions) = (rows.database.api_tokens(), rows.database.sessions());
    assert!(tokens.make(&token).await.expect("written"));
    sessions.begin(&session).await.expect("written");
    for at in [NOW.plus(MINUTE), NOW] {
        tokens.used(token.id, at).await.expect("written");
        sessions.used(session.id, at).await.expect("written");
    }
    assert_eq!(found(&rows, &token).await.and_then(|token| token.last_used_at), Some(NOW.plus(MINUTE)));
    assert_eq!(shown(&rows, &session).await.map(|session| session.last_used_at), Some(NOW.plus(MINUTE)));
}

async fn tokens_and_sessions_that_ended_long_ago_are_pruned(rows: Rows) {
    let (tokens, sessions) = (rows.database.api_tokens(), rows.database.sessions());
    let (expired, revoked) = (token("ada", hash(1)), ApiToken { expires_at: None, ..token("ada", hash(2)) });
    let lasting = ApiToken { expires_at: None, ..token("ada", hash(3)) };
    for token in [&expired, &revoked, &lasting] {
        assert!(tokens.make(token).await.expect("written"));
    }
    tokens.revoke(revoked.id, NOW).await.expect("written");
    let of_expired = session("ada", hash(4), Some(expired.id));
    let own = session("ada", hash(5), None);
    for session in [&of_expired, &own] {
        sessions.begin(session).await.expect("written");
    }
    tokens.prune(NOW.plus(MINUTE)).await.expect("pruned");
    assert!(found(&rows, &expired).await.is_some() && found(&rows, &revoked).await.is_none());
    tokens.prune(NOW.plus(MINUTE * 2)).await.expect("pruned");
    assert!(found(&rows, &expired).await.is_none() && found(&rows, &lasting).await.is_some());
    assert!(shown(&rows, &of_expired).await.is_none() && shown(&rows, &own).await.is_some());
    sessions.prune(NOW.plus(MINUTE)).await.expect("pruned");
    assert!(shown(&rows, &own).await.is_some());
    sessions.prune(NOW.plus(MINUTE * 2)).await.expect("pruned");
    assert!(shown(&rows, &own).await.is_none());
}
