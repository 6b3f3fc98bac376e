//! Services of the tree that serve a machine's own store, and substituters that lead to them.

use crate::facts::{CacheElement, CacheSetting, Setting, ValueKind};
use crate::knowledge::CacheServer;
use crate::lint::TreeContext;

/// A service that serves the store of the machine that runs it.
pub struct Server<'f> {
    /// What it is called.
    pub name: &'f str,
    /// What turns it on.
    pub enable: &'f Setting,
    /// The port it listens on.
    port: u16,
    /// Nothing shows that others reach it.
    pub is_private: bool,
}

/// The services of the tree that surely run.
pub fn servers<'f>(cx: &TreeContext<'f>) -> Vec<Server<'f>> {
    let (facts, knowledge) = (cx.facts, cx.knowledge);
    let mut found = Vec::new();
    for row in knowledge.cache_servers.rows() {
        for option in row.enable.iter().map(|name| format!("{}.{name}", row.option)) {
            let is_on = |setting: &&Setting| {
                setting.value.as_bool() == Some(true) && setting.condition.is_none()
            };
            let settings = facts.settings.iter().filter(|setting| is_at(setting, &option));
            found.extend(settings.filter(is_on).filter_map(|enable| server(cx, row, enable)));
        }
    }
    found
}

fn server<'f>(
    cx: &TreeContext<'f>,
    row: &'f CacheServer,
    enable: &'f Setting,
) -> Option<Server<'f>> {
    let all = || cx.facts.settings.iter().filter(|other| are_of_one_machine(enable, other));
    let set = |name: &str| {
        let option = format!("{}.{name}", row.option);
        all().find(move |setting| is_at(setting, &option))
    };
    if row.other_store.iter().any(|name| set(name).is_some()) {
        return None;
    }
    let port = match set(&row.port).map(|setting| &setting.value.kind) {
        None => row.default_port,
        Some(ValueKind::Int(port)) => u16::try_from(*port).ok()?,
        Some(ValueKind::Str(address)) => address.rsplit(':').next()?.parse().ok()?,
        Some(_) => return None,
    };
    let mut ways = cx.knowledge.reached_by.rows().iter().flat_map(|row| &row.options);
    let is_reached = |option: &String| {
        all().any(|other| is_at(other, option) && other.value.as_bool() != Some(false))
    };
    Some(Server { name: &row.name, enable, port, is_private: !ways.any(is_reached) })
}

/// The service that `element` leads to, if it runs on the machine that asks.
pub fn server_of<'s, 'f>(
    cx: &TreeContext<'_>,
    servers: &'s [Server<'f>],
    list: &CacheSetting<'_>,
    element: &CacheElement,
) -> Option<&'s Server<'f>> {
    let (host, port) = host_and_port(&element.text)?;
    servers.iter().find(|server| {
        server.port == port
            && are_of_one_machine(server.enable, list.setting)
            && (is_loopback(host) || is_called(cx, server.enable, host))
    })
}

/// The host and port of an address of the web.
fn host_and_port(address: &str) -> Option<(&str, u16)> {
    let (scheme, rest) = address.split_once("://")?;
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok()?)),
        _ => Some((authority, default)),
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address
        .strip_prefix("[::1]")
        .map_or_else(|| address.split(':').next().unwrap_or_default(), |_| "localhost");
    host == "localhost" || host.starts_with("127.") || address == "::1"
}

/// Whether the machine of `of` is called `name`.
fn is_called(cx: &TreeContext<'_>, of: &Setting, name: &str) -> bool {
    let name = name.strip_suffix(".local").unwrap_or(name);
    let names =
        cx.facts.settings.iter().filter(|setting| {
            is_at(setting, "networking.hostName") && are_of_one_machine(of, setting)
        });
    names.filter_map(|setting| setting.value.as_str()).any(|known| known == name)
}

/// Whether two settings surely concern one machine.
fn are_of_one_machine(one: &Setting, other: &Setting) -> bool {
    match (&one.host, &other.host) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.key.file == other.key.file,
        _ => false,
    }
}

/// Whether `setting` is the option at the dotted `path`.
pub fn is_at(setting: &Setting, path: &str) -> bool {
    setting.path.iter().map(String::as_str).eq(path.split('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(host_and_port("http://localhost:5000/"), Some(("localhost", 5000)));
        assert_eq!(host_and_port("https://box?priority=1"), Some(("box", 443)));
        assert_eq!(host_and_port("http://[::1]:8080"), Some(("[::1]", 8080)));
        assert_eq!(host_and_port("ssh://box"), None);
        assert_eq!(host_and_port("box:5000"), None);
    }

    #[test]
    fn the_machine_itself_has_many_addresses() {
        for local in ["localhost", "127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:5000", "::1"] {
            assert!(is_loopback(local), "{local}");
        }
        for other in ["0.0.0.0", "[::]:5000", "box", "10.0.0.1:5000", "localhosts"] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
