//! The mails that an auth collection sends, as texts with `{PLACEHOLDERS}`.

use serde::{Deserialize, Serialize};

/// Subject and HTML body of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MailTemplate {
    pub subject: String,
    pub body: String,
}

/// The mail about a sign-in from somewhere new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthAlert {
    pub enabled: bool,
    pub email_template: MailTemplate,
}

impl Default for AuthAlert {
    fn default() -> Self {
        let what = "<p>Somebody signed in to your {APP_NAME} account from a place we have not seen before:</p>\n<p>{ALERT_INFO}</p>";
        let hint = "<p>If it was you, there is nothing to do. If it was not, please change your password now; this signs out everybody else.</p>";
        Self { enabled: true, email_template: MailTemplate::new("Login from a new location", &[what, hint]) }
    }
}

impl MailTemplate {
    /// A mail with a greeting, these paragraphs and a farewell.
    fn new(subject: &str, paragraphs: &[&str]) -> Self {
        let body = format!("<p>Hello,</p>\n{}\n<p>Your {{APP_NAME}} team</p>", paragraphs.join("\n"));
        Self { subject: subject.to_owned(), body }
    }

    /// A mail whose point is a link to a page of the dashboard that takes a token.
    fn link(subject: &str, why: &str, page: &str, label: &str, otherwise: &str) -> Self {
        let link = format!(
            "<p><a class=\"btn\" href=\"{{APP_URL}}/_/#/auth/{page}/{{TOKEN}}\" target=\"_blank\" rel=\"noopener\">{label}</a></p>"
        );
        Self::new(subject, &[&format!("<p>{why}</p>"), &link, &format!("<p>{otherwise}</p>")])
    }

    #[must_use]
    pub fn verification() -> Self {
        Self::link(
            "Verify your {APP_NAME} email",
            "welcome to {APP_NAME}! Please confirm that this address is yours.",
            "confirm-verification",
            "Verify",
            "If you did not sign up, you can ignore this mail.",
        )
    }

    #[must_use]
    pub fn reset_password() -> Self {
        Self::link(
            "Reset your {APP_NAME} password",
            "this link lets you choose a new password.",
            "confirm-password-reset",
            "Reset password",
            "If you did not ask for it, you can ignore this mail: your password stays as it is.",
        )
    }

    #[must_use]
    pub fn confirm_email_change() -> Self {
        Self::link(
            "Confirm your {APP_NAME} new email address",
            "please confirm that this is your new address.",
            "confirm-email-change",
            "Confirm new email",
            "If you did not ask for it, you can ignore this mail: your address stays as it is.",
        )
    }

    #[must_use]
    pub fn otp() -> Self {
        let code = "<p>your one-time password is <strong>{OTP}</strong>.</p>";
        Self::new("OTP for {APP_NAME}", &[code, "<p>If you did not ask for it, you can ignore this mail.</p>"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_has_its_placeholders() {
        for (mail, placeholder) in [
            (MailTemplate::verification(), "{APP_URL}/_/#/auth/confirm-verification/{TOKEN}"),
            (MailTemplate::reset_password(), "{APP_URL}/_/#/auth/confirm-password-reset/{TOKEN}"),
            (MailTemplate::confirm_email_change(), "{APP_URL}/_/#/auth/confirm-email-change/{TOKEN}"),
            (MailTemplate::otp(), "{OTP}"),
            (AuthAlert::default().email_template, "{ALERT_INFO}"),
        ] {
            assert!(mail.body.contains(placeholder) && mail.body.contains("{APP_NAME}"), "{mail:?}");
            assert!(!mail.subject.is_empty() && !mail.body.contains("{{"));
        }
    }
}
