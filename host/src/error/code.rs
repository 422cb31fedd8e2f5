//! Every validation code and its default message, in one table. A snapshot of [`ALL`] is the API's
//! list of failures, so a change here is seen in review.

/// A stable code with its default sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub code: &'static str,
    pub message: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $message:literal;)*) => {
        $(pub const $name: Code = Code { code: $code, message: $message };)*
        /// The whole table, in the order of the source.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    REQUIRED = "validation_required", "Cannot be blank.";
    INVALID_VALUE = "validation_invalid_value", "Invalid value.";
    NOT_UNIQUE = "validation_not_unique", "Value must be unique.";
    VALUES_MISMATCH = "validation_values_mismatch", "Values don't match.";
    IN_INVALID = "validation_in_invalid", "Must be a valid value.";
    NOT_IN_INVALID = "validation_not_in_invalid", "Must not be in list.";
    MATCH_INVALID = "validation_match_invalid", "Must be in a valid format.";
    LENGTH_OUT_OF_RANGE = "validation_length_out_of_range", "The length is out of range.";
    IS_EMAIL = "validation_is_email", "Must be a valid email address.";
    INVALID_URL = "validation_invalid_url", "Invalid URL format.";
    PLUGIN_NOT_COMPONENT = "plugin_not_component", "The file is not a WebAssembly component.";
    PLUGIN_UNKNOWN_IMPORT = "plugin_unknown_import", "The component imports something that this host does not offer.";
    PLUGIN_NO_HOOKS = "plugin_no_hooks", "The component exports no hook that this host knows.";
    PLUGIN_TOO_LARGE = "plugin_too_large", "The file is too large.";
    PLUGIN_TOO_COMPLEX = "plugin_too_complex", "The component exceeds a structural limit.";
    PLUGIN_COMPILE_TIMEOUT = "plugin_compile_timeout", "The component took too long to compile.";
    PLUGIN_INVALID = "plugin_invalid", "The component is not valid.";
}
