//! The attributes that turn a function into a hook. Each leaves the function as it is, so that tests can call it, and
//! adds one line: the export of the matching interface. Written on bare token streams, since all they need is a name.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident => $glue:literal;)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(options: TokenStream, item: TokenStream) -> TokenStream {
            hook($glue, options, item)
        }
    )*};
}

attributes! {
    /// `fn(&Context, &mut Record) -> Hook`: runs before a record is created; may change the draft, may refuse.
    before_create => "__before_create";
    /// `fn(&Context, &Record, &mut Record) -> Hook`: runs before a record is updated, with the stored record and the
    /// draft of the new one; may change the draft, may refuse.
    before_update => "__before_update";
    /// `fn(&Context, &Record) -> Hook`: runs before a record is deleted; may refuse.
    before_delete => "__before_delete";
    /// `fn(&Context, &Record, &mut Errors)`: checks a whole draft; a plugin with nothing else imports nothing.
    validate => "__validate";
    /// `fn(&Context, &str, &Record) -> Delivery`: runs after a create was committed, at least once per event id.
    after_create => "__after_create";
    /// `fn(&Context, &str, &Record, &Record) -> Delivery`: runs after an update was committed, with the record as it
    /// was and as it is, at least once per event id.
    after_update => "__after_update";
    /// `fn(&Context, &str, &Record) -> Delivery`: runs after a delete was committed, at least once per event id.
    after_delete => "__after_delete";
    /// `fn(&Context, &str) -> Delivery`: runs when the clock says so, with the name of the schedule.
    scheduled => "__scheduled";
    /// `fn(&Context, &str, &Record) -> Hook`: runs before somebody is let in who has proved who they are, with the way
    /// to sign in; may refuse.
    before_sign_in => "__before_sign_in";
    /// `fn(&Context, &Asked) -> Answer`: answers requests below `/api/x/{plugin}`; needs the feature `route`.
    route => "__route";
    /// `fn(&Context, &str, &Record, &mut Record) -> Delivery`: sets what a token tells besides, with the way to sign in
    /// and the record that it is for.
    token_claims => "__token_claims";
}

/// The item, followed by `::tinybase_plugin::GLUE! { NAME }`. The name keeps its span, so that a wrong signature is
/// reported at the function.
fn hook(glue: &str, options: TokenStream, item: TokenStream) -> TokenStream {
    if let Some(option) = options.into_iter().next() {
        return error(option.span(), "a hook attribute takes no options");
    }
    let Some(name) = function_name(&item) else {
        return error(Span::call_site(), "a hook attribute belongs on a function");
    };
    let export: TokenStream = format!("::tinybase_plugin::{glue}!").parse().expect("a path is a token stream");
    let name = Group::new(Delimiter::Brace, TokenTree::from(name).into());
    item.into_iter().chain(export).chain([TokenTree::from(name)]).collect()
}

fn function_name(item: &TokenStream) -> Option<Ident> {
    let mut tokens = item.clone().into_iter();
    tokens.find(|token| matches!(token, TokenTree::Ident(word) if word.to_string() == "fn"))?;
    match tokens.next()? {
        TokenTree::Ident(name) => Some(name),
        _ => None,
    }
}

fn error(span: Span, message: &str) -> TokenStream {
    let error: TokenStream = format!("::core::compile_error!({message:?});").parse().expect("a macro call");
    error
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}
