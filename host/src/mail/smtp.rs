//! The way out: a server of the settings, by the pooled transport for the queue, and step by step for somebody who wants
//! to know why it does not work.

use super::authorities::{self, Authorities};
use super::letter::{self, Letter, Sender};
use super::queue::Waiting;
use crate::settings::{Settings, Smtp};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// For each answer of the server.
const TIMEOUT: Duration = Duration::from_secs(15);
/// For a mail that somebody waits for.
const ALOUD_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections at the same time, and how long one is kept that nobody uses.
const CONNECTIONS: u32 = 4;
const IDLE: Duration = Duration::from_secs(30);

/// Answers that say that this server is not let in, which a change of the settings cures; the mail is all right.
const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];

/// A server that takes mails, with whom they are from.
pub(super) struct Server {
    smtp: Smtp,
    sender: Sender,
    authorities: Authorities,
    /// `None` when its settings contradict themselves, with the reason.
    transport: Result<AsyncSmtpTransport<Tokio1Executor>, String>,
}

impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        self.smtp == other.smtp && self.sender == other.sender
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Server").field("host", &self.smtp.host).field("port", &self.smtp.port).finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// For people; what the server said, if it said something.
    pub words: String,
    /// Another try would end the same.
    pub is_final: bool,
    /// What was said until then, without secrets; `>` is this side, `<` the server. Empty for the queue.
    pub dialogue: Vec<String>,
}

impl Undelivered {
    pub(super) fn switched_off() -> Self {
        let words = "SMTP is not enabled. Enable it and save the settings first.".to_owned();
        Self { words, is_final: false, dialogue: Vec::new() }
    }

    pub(super) fn unwritable(words: String) -> Self {
        Self { words, is_final: true, dialogue: Vec::new() }
    }

    fn not_yet(words: String) -> Self {
        Self { words, is_final: false, dialogue: Vec::new() }
    }
}

impl From<Error> for Undelivered {
    fn from(error: Error) -> Self {
        let lets_in = error.status().is_none_or(|code| !NOT_LET_IN.contains(&code.into()));
        Self { words: in_words(&error), is_final: error.is_permanent() && lets_in, dialogue: Vec::new() }
    }
}

impl Server {
    /// `None` when it is switched off.
    pub(super) fn of(settings: &Settings, authorities: &Authorities) -> Option<Self> {
        let smtp = settings.smtp.clone();
        if !smtp.enabled {
            return None;
        }
        let sender = Sender { name: settings.meta.sender_name.clone(), address: settings.meta.sender_address.clone() };
        let (transport, authorities) = (transport(&smtp, authorities), authorities.clone());
        Some(Self { smtp, sender, authorities, transport })
    }

    /// A letter as it is sent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn message(&self, id: &str, letter: &Letter, now_ms: i64) -> Result<Message, String> {
        letter::write(&self.sender, id, letter, now_ms)
    }

    /// Sends a mail of the queue.
    ///
    /// # Errors
    /// Only for panics, which the caller turns into one.
    pub(super) async fn send(&self, mail: &Waiting, now_ms: i64) -> crate::error::Result<Result<(), Undelivered>> {
        let message = match self.message(&mail.id, &mail.letter, now_ms) {
            Ok(message) => message,
            Err(words) => return Ok(Err(Undelivered::unwritable(words))),
        };
        Ok(match &self.transport {
            Ok(transport) => transport.send(message).await.map(|_| ()).map_err(Undelivered::from),
            Err(words) => Err(Undelivered::not_yet(words.clone())),
        })
    }

    /// Sends a mail on a connection of its own, and tells what was said when it does not go well.
    ///
    /// # Errors
    /// Where it ended, and what was said until then.
    pub(super) async fn send_aloud(&self, message: &Message) -> Result<(), Undelivered> {
        let mut dialogue = Vec::new();
        let talking = tokio::time::timeout(ALOUD_TIMEOUT, self.talk(message, &mut dialogue)).await;
        let words = match talking {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(words)) => words,
            Err(_) => "the server did not answer in time".to_owned(),
        };
        dialogue.push(format!("! {words}"));
        Err(Undelivered { words, is_final: true, dialogue })
    }

    async fn talk(&self, message: &Message, said: &mut Vec<String>) -> Result<(), String> {
        let smtp = &self.smtp;
        let hello = hello(smtp);
        let tls = tls(smtp, &self.authorities)?;
        let wrapped = if let Tls::Wrapper(parameters) = &tls { Some(parameters.clone()) } else { None };
        let how = if wrapped.is_some() { " with TLS" } else { "" };
        said.push(format!("> connect to {}:{}{how}, EHLO {hello}", smtp.host, smtp.port));
        let server = (smtp.host.as_str(), port(smtp)?);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(TIMEOUT), &hello, wrapped, None);
        let mut connection = connecting.await.map_err(|error| in_words(&error))?;
        said.push(format!("< {}", connection.server_info()));
        let (parameters, is_required) = match tls {
            Tls::Opportunistic(parameters) => (Some(parameters), false),
            Tls::Required(parameters) => (Some(parameters), true),
            Tls::None | Tls::Wrapper(_) => (None, false),
        };
        if let Some(parameters) = parameters.filter(|_| is_required || connection.can_starttls()) {
            said.push("> STARTTLS".to_owned());
            connection.starttls(parameters, &hello).await.map_err(|error| in_words(&error))?;
            said.push(format!("< {}", connection.server_info()));
        }
        if let Some(credentials) = credentials(smtp) {
            said.push(format!("> AUTH as {}", smtp.username));
            heard(said, connection.auth(&mechanisms(smtp), &credentials).await)?;
        }
        let envelope = message.envelope();
        let addresses = envelope.from().into_iter().chain(envelope.to());
        let needs_utf8 = addresses.into_iter().any(|address| !address.to_string().is_ascii());
        let options = if needs_utf8 { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        say(said, &mut connection, Mail::new(envelope.from().cloned(), options)).await?;
        for to in envelope.to() {
            say(said, &mut connection, Rcpt::new(to.clone(), Vec::new())).await?;
        }
        say(said, &mut connection, Data).await?;
        said.push("> (the mail)".to_owned());
        heard(said, connection.message(&message.formatted()).await)?;
        let _ = connection.quit().await;
        Ok(())
    }
}

async fn say(
    said: &mut Vec<String>,
    connection: &mut AsyncSmtpConnection,
    command: impl fmt::Display,
) -> Result<(), String> {
    said.push(format!("> {}", command.to_string().trim_end()));
    heard(said, connection.command(command).await)
}

fn heard(said: &mut Vec<String>, answer: Result<Response, Error>) -> Result<(), String> {
    let answer = answer.map_err(|error| in_words(&error))?;
    said.push(format!("< {} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")));
    Ok(())
}

/// An error with everything that caused it, and once each.
fn in_words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        source = cause.source();
    }
    if let Some(flaw) = authorities::flaw(error) {
        words.push_str(": ");
        words.push_str(flaw);
    }
    words
}

fn transport(smtp: &Smtp, authorities: &Authorities) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE);
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(port(smtp)?)
        .hello_name(hello(smtp))
        .tls(tls(smtp, authorities)?)
        .authentication(mechanisms(smtp))
        .timeout(Some(TIMEOUT))
        .pool_config(pool);
    if let Some(credentials) = credentials(smtp) {
        builder = builder.credentials(credentials);
    }
    Ok(builder.build())
}

/// A password never leaves this machine unencrypted: with one, STARTTLS is not an offer but a demand.
fn tls(smtp: &Smtp, authorities: &Authorities) -> Result<Tls, String> {
    let parameters = authorities.parameters(&smtp.host).map_err(|error| in_words(&error))?;
    Ok(if smtp.tls {
        Tls::Wrapper(parameters)
    } else if smtp.username.is_empty() || is_this_machine(&smtp.host) {
        Tls::Opportunistic(parameters)
    } else {
        Tls::Required(parameters)
    })
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn hello(smtp: &Smtp) -> ClientId {
    let name = smtp.local_name.trim();
    ClientId::Domain(if name.is_empty() { "localhost" } else { name }.to_owned())
}

fn port(smtp: &Smtp) -> Result<u16, String> {
    u16::try_from(smtp.port).map_err(|_| format!("{} is not a port", smtp.port))
}

/// Those that are tried, the preferred one first.
fn mechanisms(smtp: &Smtp) -> Vec<Mechanism> {
    match smtp.auth_method.as_str() {
        "LOGIN" => vec![Mechanism::Login],
        "PLAIN" => vec![Mechanism::Plain],
        _ => vec![Mechanism::Plain, Mechanism::Login],
    }
}

fn credentials(smtp: &Smtp) -> Option<Credentials> {
    (!smtp.username.is_empty()).then(|| Credentials::new(smtp.username.clone(), smtp.password.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_sent_in_the_clear_to_elsewhere() {
        let smtp = |host: &str, username: &str, tls: bool| Smtp {
            enabled: true,
            host: host.to_owned(),
            username: username.to_owned(),
            tls,
            ..Smtp::default()
        };
        let how = |smtp: &Smtp| match tls(smtp, &Authorities::default()).unwrap() {
            Tls::None => "none",
            Tls::Opportunistic(_) => "opportunistic",
            Tls::Required(_) => "required",
            Tls::Wrapper(_) => "wrapper",
        };
        assert_eq!(how(&smtp("mail.example.com", "", false)), "opportunistic");
        assert_eq!(how(&smtp("mail.example.com", "me", false)), "required");
        assert_eq!(how(&smtp("127.0.0.1", "me", false)), "opportunistic");
        assert_eq!(how(&smtp("mail.example.com", "me", true)), "wrapper");
    }
}
