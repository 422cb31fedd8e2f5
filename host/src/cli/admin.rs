//! `tinybase admin`, and `tinybase superuser` as PocketBase spells it.

use super::{Failed, Place, direct, terminal};
use crate::host::control::Command;
use clap::{Args, Subcommand};

/// Stands for every address.
const ANY: &str = "any";

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Create a superuser.
    Create(Credentials),
    /// Change the password of a superuser, which ends their sessions.
    Update(Credentials),
    /// Give a superuser a new random password, print it, and end their sessions.
    Reset {
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Show from where superusers may come, or set it: addresses and networks; `any` for everywhere.
    Ips {
        networks: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Create a superuser, or change the password of the one with this e-mail.
    Upsert(Credentials),
    /// Delete a superuser.
    Delete {
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// List the e-mails of all superusers.
    List {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub(super) struct Credentials {
    email: String,
    password: String,
    #[command(flatten)]
    place: Place,
}

impl Admin {
    pub(super) fn run(self) -> Result<(), Failed> {
        match self {
            Self::Create(who) => who.run("created", |email, password| Command::SuperuserCreate { email, password }),
            Self::Update(who) => who.run("updated", |email, password| Command::SuperuserUpdate { email, password }),
            Self::Upsert(who) => who.run("saved", |email, password| Command::SuperuserUpsert { email, password }),
            Self::Delete { email, place } => {
                direct::run(place, Command::SuperuserDelete { email: email.clone() })?;
                terminal::say(&format!("deleted superuser {email}"));
                Ok(())
            }
            Self::Reset { email, place } => {
                let reset = direct::run(place, Command::SuperuserReset { email: email.clone() })?;
                terminal::say(&format!("the new password of {email}, which is not shown again:"));
                terminal::data(reset["password"].as_str().unwrap_or_default());
                Ok(())
            }
            Self::Ips { networks, place } => {
                let networks = (!networks.is_empty()).then_some(networks);
                let networks = networks.map(|list| if list == [ANY] { Vec::new() } else { list });
                let now = direct::run(place, Command::SuperuserIps { networks })?;
                let now = now.as_array().into_iter().flatten();
                now.filter_map(|network| network.as_str()).for_each(terminal::data);
                Ok(())
            }
            Self::List { place } => {
                let emails = direct::run(place, Command::SuperuserList)?;
                let emails = emails.as_array().into_iter().flatten();
                emails.filter_map(|email| email.as_str()).for_each(terminal::data);
                Ok(())
            }
        }
    }
}

impl Credentials {
    fn run(self, done: &str, command: impl FnOnce(String, String) -> Command) -> Result<(), Failed> {
        direct::run(self.place, command(self.email.clone(), self.password))?;
        terminal::say(&format!("{done} superuser {}", self.email));
        Ok(())
    }
}
