//! Who does what, on which tenant: the first argument of every verb.

use super::Tenant;
use super::hooks::{Hooks, NoHooks};
use crate::model::Caller;
use crate::schema::catalog::Catalog;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// How deep writes made by plugins may cause further writes.
pub const DEPTH_MAX: u8 = 4;

/// The circumstances of one operation.
#[derive(Debug, Clone)]
pub struct Cx {
    pub tenant: Arc<Tenant>,
    /// The collections as they were when the operation began.
    pub catalog: Arc<Catalog>,
    pub caller: Caller,
    /// Because of whom the server acts for itself; nobody, where it does so of its own accord or a superuser's at its console.
    pub behalf: Option<Caller>,
    pub facts: Arc<RequestFacts>,
    pub now_ms: i64,
    /// 0 for a client's write, one more for each write a plugin causes.
    pub depth: u8,
    /// The plugin that asked for this write, be it in its own name or in the caller's: it is not called for it.
    pub through: Option<Arc<str>>,
    /// Nobody takes part: an import that was asked for so.
    pub without_hooks: bool,
}

/// What rules can ask of the request besides who made it and its body.
#[derive(Debug, Clone, Default)]
pub struct RequestFacts {
    pub id: String,
    pub method: String,
    /// `default`, `realtime`, `batch`, `expand`, `password`, ...
    pub context: &'static str,
    /// First value of each query parameter.
    pub query: Vec<(String, String)>,
    /// Whether another parameter could not be read: what is dangerous without it is not done then.
    pub query_is_broken: bool,
    /// Names in lower snake case: `X-Token` is `x_token`.
    pub headers: Vec<(String, String)>,
    /// The client's address: its proxy is believed as far as the settings say.
    pub ip: String,
    /// The address of whoever holds the other end of the connection.
    pub peer: String,
}

impl RequestFacts {
    /// The client's address; no address at all for what no client asked.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl Cx {
    #[must_use]
    pub fn new(tenant: Arc<Tenant>, caller: Caller, facts: RequestFacts) -> Self {
        let catalog = tenant.catalog();
        let now_ms = tenant.world.now_ms();
        let facts = Arc::new(facts);
        Self { tenant, catalog, caller, behalf: None, facts, now_ms, depth: 0, through: None, without_hooks: false }
    }

    /// The server acting for itself.
    #[must_use]
    pub fn system(tenant: Arc<Tenant>) -> Self {
        let id = tenant.world.id();
        Self::new(
            tenant,
            Caller::System,
            RequestFacts { id, method: String::new(), context: "default", ..RequestFacts::default() },
        )
    }

    /// Who takes part in its writes.
    #[must_use]
    pub fn hooks(&self) -> &dyn Hooks {
        if self.without_hooks { &NoHooks } else { self.tenant.hooks() }
    }

    /// The same operation continued by a plugin in its own name, one level deeper.
    #[must_use]
    pub fn as_plugin(&self, name: &str) -> Self {
        let caller = Caller::Plugin { name: name.to_owned() };
        Self { caller, behalf: None, depth: self.depth + 1, through: Some(name.into()), ..self.clone() }
    }

    /// In whose name a plugin acts that acts as the caller. What the server does because of somebody does not lend the
    /// server's rights: whoever can set it off would have them.
    #[must_use]
    pub fn lends(&self) -> Caller {
        match (&self.caller, &self.behalf) {
            (Caller::System, Some(behalf)) => behalf.lent(),
            (caller, _) => caller.lent(),
        }
    }

    /// The same operation continued by whoever it lends.
    #[must_use]
    pub fn lent(&self) -> Self {
        Self { caller: self.lends(), behalf: None, ..self.clone() }
    }

    /// The same operation continued by a plugin in the name of whoever caused it, one level deeper: as a request of this
    /// method that the caller had sent by itself, with the headers and the query of the one it has sent.
    #[must_use]
    pub fn lent_to(&self, plugin: &str, method: &str) -> Self {
        let facts = RequestFacts { method: method.to_owned(), context: "default", ..(*self.facts).clone() };
        Self { facts: Arc::new(facts), depth: self.depth + 1, through: Some(plugin.into()), ..self.lent() }
    }

    /// The same operation continued by the server for itself, because of whoever caused it.
    #[must_use]
    pub fn as_system(&self) -> Self {
        self.as_system_for(self.lends())
    }

    /// The same because of somebody else: whoever has proved who they are.
    #[must_use]
    pub fn as_system_for(&self, behalf: Caller) -> Self {
        Self { caller: Caller::System, behalf: Some(behalf), ..self.clone() }
    }

    /// The same operation under another `@request.context`.
    #[must_use]
    pub fn in_context(&self, context: &'static str) -> Self {
        let facts = RequestFacts { context, ..(*self.facts).clone() };
        Self { facts: Arc::new(facts), ..self.clone() }
    }
}
