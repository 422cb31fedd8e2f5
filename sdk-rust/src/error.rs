//! How a hook says no: a refusal for before-hooks, field errors for validators, a failure for after-hooks.

use crate::bindings::types::{Error, FieldError, Refusal};

/// What a before-hook answers. `Ok(())` lets the write go on with the draft as the hook left it.
pub type Hook = Result<(), Refusal>;

/// What an after-hook answers. An error is delivered again later, with the same event id, unless it is made by [`give_up`].
pub type Delivery = Result<(), Failure>;

/// Refuses the write with an error on one field: `return refuse("title", "slug_empty", "Has no letters.")`, or with
/// `?` from within an expression. The client gets a 400 with the error at the field.
pub fn refuse<T>(field: &str, code: &str, message: &str) -> Result<T, Refusal> {
    Err(FieldError::new(field, code, message).into())
}

/// Refuses the write with a status from 400 to 499 and a message.
pub fn deny<T>(status: u16, message: &str) -> Result<T, Refusal> {
    Err(Refusal::Denied((status, message.to_owned())))
}

/// Ends an after-hook whose event need not be delivered again, since that would fail in the same way: it lies with the
/// dead ones at once, where an admin can have it delivered when what is wrong has been mended.
pub fn give_up<T>(message: &str) -> Result<T, Failure> {
    Err(Failure([PERMANENT, message].concat()))
}

/// What the host knows such an error by.
const PERMANENT: &str = "permanent: ";

impl FieldError {
    pub fn new(field: &str, code: &str, message: &str) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), message: message.to_owned() }
    }
}

impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Self {
        Refusal::Invalid(vec![error])
    }
}

/// Lets `?` pass on several field errors at once.
impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Self {
        Refusal::Invalid(errors.0)
    }
}

/// Lets `?` pass on what a host function refused. Clients learn its code only: its message speaks to the plugin.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Denied((400, ["The hook failed: ", &error.code, "."].concat()))
    }
}

/// The field errors that a validator collects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, field: &str, code: &str, message: &str) {
        self.push(FieldError::new(field, code, message));
    }

    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// Takes the value out of a reading, or notes why there is none:
    /// `if let Some(title) = errors.check(draft.text("title")) { .. }`.
    pub fn check<T>(&mut self, reading: Result<T, FieldError>) -> Option<T> {
        reading.map_err(|error| self.push(error)).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn as_slice(&self) -> &[FieldError] {
        &self.0
    }

    pub(crate) fn into_result(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// Why an after-hook could not do its work: text for the plugin's log and the dead-letter list. Made with `?` from a
/// host function's error, from a reading, or from a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure(String);

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self(message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self([error.code.as_str(), ": ", &error.message].concat())
    }
}

/// What a refusal says: code that refuses writes in one hook may do work in another.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied((_, message)) => Self(message),
            Refusal::Invalid(errors) => {
                let mut text = String::new();
                for error in errors {
                    let between = if text.is_empty() { "" } else { "; " };
                    text.extend([between, error.field.as_str(), ": ", error.message.as_str()]);
                }
                Self(text)
            }
        }
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self([error.field.as_str(), ": ", &error.message].concat())
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}
