//! Every validation code and its default message, in one table, sorted by code, so that a change of
//! the API's failures is seen in review.

use super::{FieldError, Text};
use serde_json::Value;

/// A stable code with its default sentence. `{name}` in the sentence stands for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub code: &'static str,
    pub message: &'static str,
}

impl Code {
    /// The error with the values its sentence names; they are also its `params`.
    #[must_use]
    pub fn with<const N: usize>(self, params: [(&'static str, Value); N]) -> FieldError {
        let mut message = self.message.to_owned();
        for (name, value) in &params {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            message = message.replace(&format!("{{{name}}}"), &shown);
        }
        FieldError { code: self.code.into(), message: message.into(), params: params.into() }
    }

    /// The error with a sentence of its own.
    #[must_use]
    pub fn say(self, message: impl Into<Text>) -> FieldError {
        FieldError::new(self.code, message)
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $message:literal;)*) => {
        $(pub const $name: Code = Code { code: $code, message: $message };)*
        /// The whole table, in the order of the source.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused", "The key was used for another request before.";
    MAIL_NOT_SENT = "mail_not_sent", "The mail could not be sent.";
    PLUGIN_COMPILE_TIMEOUT = "plugin_compile_timeout", "The component took too long to compile.";
    PLUGIN_FILE_DAMAGED = "plugin_file_damaged", "The plugin's file on the server is not what was uploaded. Upload the same file again.";
    PLUGIN_FILE_MISSING = "plugin_file_missing", "The plugin's file is missing on the server. Upload the same file again.";
    PLUGIN_INVALID = "plugin_invalid", "The component is not valid.";
    PLUGIN_NO_HOOKS = "plugin_no_hooks", "The component exports no hook that this host knows.";
    PLUGIN_NOT_COMPONENT = "plugin_not_component", "The file is not a WebAssembly component.";
    PLUGIN_NOT_LOADED = "plugin_not_loaded", "The plugin's code cannot be loaded.";
    PLUGIN_TOO_COMPLEX = "plugin_too_complex", "The component exceeds a structural limit.";
    PLUGIN_TOO_LARGE = "plugin_too_large", "The file is too large.";
    PLUGIN_TOO_MANY_WRITES = "plugin_too_many_writes", "Plugins ask for more writes with this one than can be judged together.";
    PLUGIN_UNKNOWN_IMPORT = "plugin_unknown_import", "The component imports something that this host does not offer.";
    STATEMENT_WRITES = "statement_writes", "The statement writes, which has to be asked for.";
    SYNC_FAILED = "sync_failed", "The database sync does not work.";
    BACKUP_DAMAGED = "validation_backup_damaged", "The backup is damaged.";
    BACKUP_FOREIGN = "validation_backup_foreign", "The archive is no backup of Tinybase.";
    BACKUP_NAME_EXISTS = "validation_backup_name_exists", "The backup file name is invalid or already exists.";
    BACKUP_UNSAFE = "validation_backup_unsafe", "The archive holds what no backup holds.";
    COLLECTION_NAME_EXISTS = "validation_collection_name_exists", "Collection name must be unique (case insensitive).";
    COLLECTION_NAME_ID_DUPLICATE = "validation_collection_name_id_duplicate", "The name must not match an existing collection id.";
    COLLECTION_NAME_INVALID = "validation_collection_name_invalid", "The name shouldn't match with an existing internal table.";
    COLLECTION_SYSTEM_FLAG_CHANGE = "validation_collection_system_flag_change", "System collection state cannot be changed.";
    COLLECTION_SYSTEM_NAME_CHANGE = "validation_collection_system_name_change", "System collection name cannot be changed.";
    COLLECTION_SYSTEM_RULE_CHANGE = "validation_collection_system_rule_change", "System collection API rule cannot be changed.";
    COLLECTION_TYPE_CHANGE = "validation_collection_type_change", "Collection type cannot be changed.";
    COLLECTIONS_IMPORT_FAILURE = "validation_collections_import_failure", "Failed to import the collections configuration.";
    CONFLICTING_RATE_LIMIT_RULE = "validation_conflicting_rate_limit_rule", "Rate limit rule configuration with label {label} already exists or conflicts with another rule.";
    CONTENT_SIZE_LIMIT = "validation_content_size_limit", "The maximum allowed content size is {maxSize} bytes.";
    DATE_OUT_OF_RANGE = "validation_date_out_of_range", "The date is out of range.";
    DUPLICATED_FIELD_ID = "validation_duplicated_field_id", "Duplicated or invalid field id {fieldId}.";
    DUPLICATED_FIELD_NAME = "validation_duplicated_field_name", "Duplicated or invalid field name {fieldName}.";
    DUPLICATED_INDEX_DEFINITION = "validation_duplicated_index_definition", "The index definition already exists.";
    DUPLICATED_INDEX_NAME = "validation_duplicated_index_name", "The index name already exists.";
    DUPLICATED_PROVIDER = "validation_duplicated_provider", "The provider {name} is already registered.";
    DUPLICATED_TOPIC = "validation_duplicated_topic", "There is a topic with this pattern already.";
    EMAIL_DOMAIN_NOT_ALLOWED = "validation_email_domain_not_allowed", "Email domain is not allowed.";
    EMPTY = "validation_empty", "Must be blank.";
    EXISTING_INDEX_NAME = "validation_existing_index_name", "The index name is already used in {usedTableName} collection.";
    FIELD_RELATION_CHANGE = "validation_field_relation_change", "The relation collection cannot be changed.";
    FIELD_RELATION_MISSING_COLLECTION = "validation_field_relation_missing_collection", "The relation collection doesn't exist.";
    FIELD_TYPE_CHANGE = "validation_field_type_change", "Field type cannot be changed.";
    FILE_SIZE_LIMIT = "validation_file_size_limit", "Failed to upload {file} - the maximum allowed file size is {maxSize} bytes.";
    FORBIDDEN_PK_CHARACTER = "validation_forbidden_pk_character", "'{ch}' is not a valid primary key character.";
    FOUND_VIA = "validation_found_via", "The value cannot contain \"_via_\".";
    IN_INVALID = "validation_in_invalid", "Must be a valid value.";
    INDEXES_NOT_SUPPORTED = "validation_indexes_not_supported", "View collections don't support indexes.";
    INVALID_AUTH_COLLECTION = "validation_invalid_auth_collection", "Must be a valid auth collection id or name.";
    INVALID_AUTH_ID = "validation_invalid_auth_id", "Invalid or duplicated auth record id.";
    INVALID_AUTOGENERATE_PATTERN = "validation_invalid_autogenerate_pattern", "The pattern cannot be used to generate a value.";
    INVALID_AUTOGENERATE_PATTERN_VALUE = "validation_invalid_autogenerate_pattern_value", "The provided autogenerate pattern could produce invalid field values.";
    INVALID_COLLECTION_ID = "validation_invalid_collection_id", "Missing or invalid collection.";
    INVALID_CRON = "validation_invalid_cron", "Invalid cron expression - must be a valid macro or to have exactly 5 space separated segments.";
    INVALID_CURSOR = "validation_invalid_cursor", "The cursor is not one of this list.";
    INVALID_FIELD_VALUE = "validation_invalid_field_value", "Invalid field value.";
    INVALID_FILE = "validation_invalid_file", "Invalid new files: {invalidFiles}.";
    INVALID_FORMAT = "validation_invalid_format", "Invalid value format.";
    INVALID_INDEX_EXPRESSION = "validation_invalid_index_expression", "Invalid CREATE INDEX expression.";
    INVALID_JSON = "validation_invalid_json", "Must be a valid json value.";
    INVALID_JSON_SCHEMA = "validation_invalid_json_schema", "Must be a valid JSON Schema: {objection}.";
    INVALID_LATITUDE = "validation_invalid_latitude", "Latitude must be between -90 and 90 degrees.";
    INVALID_LONGITUDE = "validation_invalid_longitude", "Longitude must be between -180 and 180 degrees.";
    INVALID_MIME_TYPE = "validation_invalid_mime_type", "The following mime types are only allowed: {mimeTypes}.";
    INVALID_NEW_EMAIL = "validation_invalid_new_email", "User email already exists or is invalid.";
    INVALID_OLD_PASSWORD = "validation_invalid_old_password", "Missing or invalid old password.";
    INVALID_OR_EXISTING_ID = "validation_invalid_or_existing_id", "The model id is invalid or already exists.";
    INVALID_PASSWORD = "validation_invalid_password", "Missing or invalid auth record password.";
    INVALID_PROVIDER = "validation_invalid_provider", "Provider with name {name} is missing or is not enabled.";
    INVALID_REGEX = "validation_invalid_regex", "Must be a valid regular expression.";
    INVALID_RULE = "validation_invalid_rule", "Invalid rule.";
    INVALID_SCOPE = "validation_invalid_scope", "There is no such scope for keys.";
    INVALID_TOKEN = "validation_invalid_token", "Invalid or expired token.";
    INVALID_TOKEN_CLAIMS = "validation_invalid_token_claims", "Missing email token claim.";
    INVALID_TOKEN_EMAIL = "validation_invalid_token_email", "The token email and the record's email do not match.";
    INVALID_TOKEN_PAYLOAD = "validation_invalid_token_payload", "Invalid token payload - newEmail must be set.";
    INVALID_UNIQUE_SYSTEM_FIELD_INDEX = "validation_invalid_unique_system_field_index", "Unique index definition on system fields ({fieldName}) is invalid or missing.";
    INVALID_URL = "validation_invalid_url", "Must be a valid url.";
    INVALID_VALUE = "validation_invalid_value", "Invalid value.";
    INVALID_VECTOR = "validation_invalid_vector", "Must be a list of finite numbers.";
    INVALID_VIEW_QUERY = "validation_invalid_view_query", "Invalid query.";
    INVALID_IP_OR_SUBNET = "validation_invlaid_ip_or_subnet", "Invalid IP or CIDR subnet.";
    IS_DOMAIN = "validation_is_domain", "Must be a valid domain.";
    IS_EMAIL = "validation_is_email", "Must be a valid email address.";
    IS_HEX_COLOR = "validation_is_hex_color", "Must be a valid hexadecimal color code.";
    IS_HOST = "validation_is_host", "Must be a valid IP address or DNS name.";
    IS_URL = "validation_is_url", "Must be a valid URL.";
    JSON_SCHEMA = "validation_json_schema", "Does not match the schema: {mismatch}.";
    JSON_SIZE_LIMIT = "validation_json_size_limit", "The maximum allowed JSON size is {maxSize} bytes.";
    LENGTH_INVALID = "validation_length_invalid", "The length must be exactly {min}.";
    LENGTH_OUT_OF_RANGE = "validation_length_out_of_range", "The length must be between {min} and {max}.";
    LENGTH_TOO_LONG = "validation_length_too_long", "The length must be no more than {max}.";
    LENGTH_TOO_SHORT = "validation_length_too_short", "The length must be no less than {min}.";
    MATCH_INVALID = "validation_match_invalid", "Must be in a valid format.";
    MAX_LESS_EQUAL = "validation_max_less_equal_than_required", "Must be no greater than {threshold}.";
    MAX_NUMBER = "validation_max_number_constraint", "Must be less or equal than {max}.";
    MAX_TEXT = "validation_max_text_constraint", "Must be no more than {max} character(s).";
    MFA_NOT_ENOUGH_AUTHS = "validation_mfa_not_enough_auths", "MFA requires at least 2 auth methods to be enabled.";
    MIN_GREATER_EQUAL = "validation_min_greater_equal_than_required", "Must be no less than {threshold}.";
    MIN_NUMBER = "validation_min_number_constraint", "Must be greater or equal than {min}.";
    MIN_TEXT = "validation_min_text_constraint", "Must be at least {min} character(s).";
    MISSING_EMAIL_VISIBILITY_FIELD = "validation_missing_emailVisibility_field", "System \"emailVisibility\" field is required.";
    MISSING_EMAIL_FIELD = "validation_missing_email_field", "System \"email\" field is required.";
    MISSING_FIELD = "validation_missing_field", "Invalid or missing field {fieldName}.";
    MISSING_PASSWORD_FIELD = "validation_missing_password_field", "System \"password\" field is required.";
    MISSING_PRIMARY_KEY = "validation_missing_primary_key", "Missing or invalid \"id\" PK field.";
    MISSING_PROVIDER = "validation_missing_provider", "Invalid or missing provider with name {name}.";
    MISSING_REL_COLLECTION = "validation_missing_rel_collection", "Relation connection is missing or cannot be accessed.";
    MISSING_REL_RECORDS = "validation_missing_rel_records", "Failed to find all relation records with the provided ids.";
    MISSING_REQUIRED_UNIQUE_INDEX = "validation_missing_required_unique_index", "Missing required unique index for field \"{fieldName}\".";
    MISSING_TOKEN_KEY_FIELD = "validation_missing_tokenKey_field", "System \"tokenKey\" field is required.";
    MISSING_UNIQUE_CONSTRAINT = "validation_missing_unique_constraint", "The field {fieldName} doesn't have a UNIQUE constraint.";
    MISSING_VERIFIED_FIELD = "validation_missing_verified_field", "System \"verified\" field is required.";
    MUST_BE_SYSTEM = "validation_must_be_system", "The field must be marked as \"System\".";
    MUST_BE_SYSTEM_AND_HIDDEN = "validation_must_be_system_and_hidden", "The field must be marked as \"System\" and \"Hidden\".";
    NIL = "validation_nil", "Must be blank.";
    NIL_OR_NOT_EMPTY = "validation_nil_or_not_empty_required", "Cannot be blank.";
    NOT_A_NUMBER = "validation_not_a_number", "The submitted number is not properly formatted.";
    NOT_ENOUGH_VALUES = "validation_not_enough_values", "Select at least {minSelect}.";
    NOT_IN_INVALID = "validation_not_in_invalid", "Must not be in list.";
    NOT_SEARCHABLE = "validation_not_searchable", "Only text, editor, email, url, select, json and array fields of tables can be searched.";
    NOT_UNIQUE = "validation_not_unique", "Value must be unique.";
    ONLY_INT = "validation_only_int_constraint", "Decimal numbers are not allowed.";
    PK_CHANGE = "validation_pk_change", "The record primary key cannot be changed.";
    PK_INVALID = "validation_pk_invalid", "The record primary key is invalid or already exists.";
    RELATION_NON_VIEW_BASE = "validation_relation_field_non_view_base_collection", "Only view collections are allowed to have relations to other views.";
    REQUIRED = "validation_required", "Cannot be blank.";
    RESERVED_FIELD_NAME = "validation_reserved_field_name", "The field name is reserved and cannot be used.";
    RESERVED_PK = "validation_reserved_pk", "The primary key '{reserved}' is reserved and cannot be used.";
    S3_ADDRESS = "validation_s3_address", "The endpoint is no address.";
    S3_BUCKET = "validation_s3_bucket", "There is no bucket \"{bucket}\" at {host}.";
    S3_CERTIFICATE = "validation_s3_certificate", "Nobody who is trusted here vouches for {host}.";
    S3_CLOCK = "validation_s3_clock", "The clocks of this server and of {host} are too far apart.";
    S3_FULL = "validation_s3_full", "The bucket takes no more: it is full.";
    S3_HOST = "validation_s3_host", "There is no host {host}.";
    S3_KEY = "validation_s3_key", "The access key is not known at {host}.";
    S3_OTHER = "validation_s3_other", "The bucket did not do what it was asked to.";
    S3_PERMISSION = "validation_s3_permission", "The access key does not have the permission {permission}.";
    S3_REFUSED = "validation_s3_refused", "Nothing listens at {host}.";
    S3_REGION = "validation_s3_region", "The bucket is not in the region \"{region}\".";
    S3_SECRET = "validation_s3_secret", "The secret is not that of the access key.";
    S3_SILENT = "validation_s3_silent", "There is no answer from {host}.";
    S3_STRANGER = "validation_s3_stranger", "What answers at {host} does not speak S3.";
    S3_TLS = "validation_s3_tls", "{host} does not speak TLS.";
    SETTING_FIXED = "validation_setting_fixed", "It is fixed by {origin}.";
    SUPERUSER_LOCKED_OUT = "validation_superuser_locked_out", "The address that you come from must be among them.";
    SYSTEM_FIELD_CHANGE = "validation_system_field_change", "System fields cannot be deleted or renamed.";
    TOKEN_COLLECTION_MISMATCH = "validation_token_collection_mismatch", "The provided token is for different auth collection.";
    TOKEN_EMAIL_MISMATCH = "validation_token_email_mismatch", "The record email doesn't match with the requested token claims.";
    TOO_MANY_FILES = "validation_too_many_files", "The maximum allowed files is {maxSelect}.";
    TOO_MANY_VALUES = "validation_too_many_values", "Select no more than {maxSelect}.";
    TOPIC_OF_SERVER = "validation_topic_of_server", "Only the server speaks on this topic.";
    UNKNOWN_FIELD = "validation_unknown_field", "Unknown or invalid field.";
    UNSTABLE_SORT = "validation_unstable_sort", "The order cannot be paged by cursor.";
    UNSUPPORTED_COMPOSITE_PK = "validation_unsupported_composite_pk", "Composite PKs are not supported and the collection must have only 1 PK.";
    UNSUPPORTED_VALUE_TYPE = "validation_unsupported_value_type", "Invalid or unsupported value type.";
    URL_DOMAIN_NOT_ALLOWED = "validation_url_domain_not_allowed", "Url domain is not allowed.";
    VALUES_MISMATCH = "validation_values_mismatch", "Values don't match.";
    VECTOR_DIMENSION = "validation_vector_dimension", "Must have exactly {dimension} number(s).";
    VECTOR_DIMENSION_CHANGE = "validation_vector_dimension_change", "The dimension of a vector cannot be changed.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        let unsorted = ALL.windows(2).find(|pair| pair[0].code >= pair[1].code);
        assert_eq!(unsorted, None);
    }

    #[test]
    fn sentences_end_with_a_period() {
        for Code { code, message } in ALL {
            assert!(message.ends_with('.') && !message.starts_with(char::is_lowercase), "{code}");
        }
    }

    #[test]
    fn parameters_are_filled_in() {
        let error = MAX_NUMBER.with([("max", 5.into())]);
        assert_eq!(error.message, "Must be less or equal than 5.");
        assert_eq!(error.params, [("max", 5.into())]);
        assert_eq!(
            RESERVED_PK.with([("reserved", "CON".into())]).message,
            "The primary key 'CON' is reserved and cannot be used."
        );
        assert_eq!(REQUIRED.say("Other.").code, "validation_required");
    }
}
