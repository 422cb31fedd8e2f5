//! The table of routes as data beside the router that is made of it, so that neither can say what the other does not.

/// One method of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// As HTTP spells it.
    pub method: &'static str,
    /// With `{..}` for what varies.
    pub path: &'static str,
    /// `noun::verb`: the handler.
    pub handler: &'static str,
}

/// Makes of `.route(path, method(handler).method(handler))` lines the function that builds the router, and the list
/// of what is in them.
macro_rules! routes {
    ($(.route($path:literal, $method:ident($handler:path) $(.$next:ident($other:path))* $(,)?))*) => {
        fn routes() -> Router<Arc<Host>> {
            Router::new()$(.route($path, $method($handler)$(.$next($other))*))*
                .fallback(reply::nothing_here)
                .method_not_allowed_fallback(reply::nothing_here)
        }

        /// Every route, in the order of the table.
        pub const ROUTES: &[Route] = &[$(
            Route { method: table::upper(stringify!($method)), path: $path, handler: stringify!($handler) },
            $(Route { method: table::upper(stringify!($next)), path: $path, handler: stringify!($other) },)*
        )*];
    };
}

pub(super) use routes;

/// The name of a method as HTTP spells it.
pub(super) const fn upper(method: &'static str) -> &'static str {
    match method.as_bytes() {
        b"get" => "GET",
        b"post" => "POST",
        b"put" => "PUT",
        b"patch" => "PATCH",
        b"delete" => "DELETE",
        _ => panic!("there is no such method"),
    }
}
