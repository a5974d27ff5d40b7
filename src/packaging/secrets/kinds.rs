//! The kinds of secrets, each with what to look for.

use super::sight::{Sight, is_base62, is_base64, is_base64url, is_hex, is_word};
use super::{chance, keys, tokens};

/// A kind of secret.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What a manifest calls it.
    pub name: &'static str,
    /// Literals, one of which is in every one of them. None begins as another does, so that none
    /// hides another.
    pub anchors: &'static [&'static str],
    /// Whether the bytes around an anchor are one.
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    /// A word that begins with the anchor, after which come so many of these characters by chance.
    Word { of: fn(u8) -> bool, least: usize, most: usize },
    /// Whatever this finds.
    Own(fn(&Sight<'_>) -> bool),
}

impl Kind {
    /// Whether what is seen is one of them.
    pub fn is_one(&self, sight: &Sight<'_>) -> bool {
        match self.form {
            Form::Own(is_one) => is_one(sight),
            Form::Word { of, least, most } => {
                let body = sight.run(of);
                let fits = (least..=most).contains(&body.len());
                sight.begins_a_word() && fits && chance::is_random(body)
            }
        }
    }
}

const fn own(name: &'static str, anchors: &'static [&'static str], is_one: fn(&Sight<'_>) -> bool) -> Kind {
    Kind { name, anchors, form: Form::Own(is_one) }
}

const fn word(
    name: &'static str,
    anchors: &'static [&'static str],
    of: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Kind {
    Kind { name, anchors, form: Form::Word { of, least, most } }
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn is_hex_or_dash(byte: u8) -> bool {
    is_hex(byte) || byte == b'-'
}

/// Every kind. Lengths are their makers' own, where these tell them.
pub const KINDS: &[Kind] = &[
    own("private-key", &["PRIVATE KEY"], keys::is_pem),
    own("private-key", &["LS0tLS1CRUdJ"], keys::is_wrapped_pem),
    own("private-key", &["Private-Lines: "], keys::is_putty),
    own("private-key", &["OpenVPN Static key"], keys::is_openvpn),
    own("private-key", &["PrivateKey"], keys::is_wireguard),
    word("age-key", &["AGE-SECRET-KEY-1"], is_upper, 58, 58),
    own("github-token", &["ghp_", "gho_", "ghu_", "ghr_"], tokens::is_summed),
    own("github-token", &["ghs_"], tokens::is_installation),
    word("github-token", &["github_pat_"], is_word, 82, 82),
    word("gitlab-token", &["glpat-", "glrt-", "gldt-", "glptt-", "glcbt-", "glsoat-"], is_base64url, 20, 300),
    own("exportd-token", &["exd_"], tokens::is_own),
    own("npm-token", &["npm_"], tokens::is_summed),
    word("pypi-token", &["pypi-AgE"], is_base64url, 50, 1000),
    word("rubygems-token", &["rubygems_"], is_hex, 48, 48),
    word("dockerhub-token", &["dckr_pat_", "dckr_oat_"], is_base64url, 27, 60),
    own("aws-access-key", &["AKIA", "ASIA"], tokens::is_aws_pair),
    own(
        "aws-access-key",
        &["ecret_access_key", "SECRET_ACCESS_KEY", "ecretAccessKey"],
        tokens::is_aws_assignment,
    ),
    own("azure-storage-key", &["AccountKey="], tokens::is_azure),
    word("digitalocean-token", &["dop_v1_", "doo_v1_", "dor_v1_"], is_hex, 64, 64),
    word("vault-token", &["hvs.", "hvb."], is_base64url, 24, 300),
    own("terraform-token", &[".atlasv1."], tokens::is_terraform),
    word("databricks-token", &["dapi"], is_hex_or_dash, 32, 34),
    word("stripe-key", &["sk_live_", "rk_live_"], is_base62, 24, 247),
    word("shopify-token", &["shpat_", "shpss_", "shpca_", "shppa_"], is_hex, 32, 32),
    word("square-token", &["sq0atp-", "sq0csp-"], is_base64url, 22, 43),
    word("slack-token", &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe.", "xapp-"], is_slack, 30, 255),
    own("slack-webhook", &["hooks.slack.com/services/"], tokens::is_slack_webhook),
    own("discord-webhook", &["/api/webhooks/"], tokens::is_discord_webhook),
    own("telegram-token", &[":AA"], tokens::is_telegram),
    own("sendgrid-key", &["SG."], tokens::is_sendgrid),
    own("openai-key", &["T3BlbkFJ"], tokens::is_openai),
    word("anthropic-key", &["sk-ant-"], is_base64url, 80, 140),
    word("openrouter-key", &["sk-or-v1-"], is_hex, 64, 64),
    word("huggingface-token", &["hf_"], is_letter, 34, 34),
    word("supabase-token", &["sbp_"], is_hex, 40, 40),
    word("grafana-token", &["glsa_"], is_word, 41, 41),
    word("newrelic-key", &["NRAK-"], is_upper, 27, 27),
    word("linear-key", &["lin_api_"], is_base62, 40, 40),
    word("atlassian-token", &["ATATT3xFfGF0"], |byte| is_base64url(byte) || byte == b'=', 100, 300),
    own("database-url", DATABASES, tokens::is_database_url),
];

/// The ends of the schemes under which databases are reached.
const DATABASES: &[&str] = &[
    "postgres://",
    "postgresql://",
    "mysql://",
    "mariadb://",
    "mongodb://",
    "mongodb+srv://",
    "redis://",
    "rediss://",
    "amqps://",
    "amqp://",
];

fn is_slack(byte: u8) -> bool {
    is_base64(byte) && byte != b'+' && byte != b'/' || byte == b'-'
}
