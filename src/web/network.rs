//! From which network a request comes: who is counted when doors are tried too often.

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The client's network address. What `X-Forwarded-For` says is believed only as far as the proxies that said it are trusted:
/// the last address that is no trusted proxy is the client. Of an IPv6 address the first 64 bits count (RFC 6177 §2).
pub(super) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[String]) -> String {
    let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else { return "unknown".to_owned() };
    let forwarded: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    counted(client(peer.ip(), &forwarded, trusted))
}

fn client(peer: IpAddr, forwarded: &[&str], trusted: &[String]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| contains(network, address));
    let mut address = peer.to_canonical();
    for said in forwarded.iter().rev() {
        let (true, Some(before)) = (is_trusted(address), spoken(said)) else { break };
        address = before;
    }
    address
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn spoken(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

/// The network that a connection counts for; `None` for one from this machine or a trusted proxy, which brings many.
pub(super) fn to_be_counted(peer: IpAddr, trusted: &[String]) -> Option<String> {
    let peer = peer.to_canonical();
    let brings_many = peer.is_loopback() || trusted.iter().any(|network| contains(network, peer));
    (!brings_many).then(|| counted(peer))
}

fn counted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from(u128::from(address) >> 64 << 64)),
    }
}

/// Whether the network in CIDR notation (RFC 4632 §3.1; a bare address is a network of one) contains the address.
fn contains(network: &str, address: IpAddr) -> bool {
    let (base, length) = network.split_once('/').unwrap_or((network, ""));
    let Ok(base) = base.trim().parse::<IpAddr>() else { return false };
    let (base, address, width) = match (base.to_canonical(), address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(u32::from(base)), u128::from(u32::from(address)), 32u32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (u128::from(base), u128::from(address), 128),
        _ => return false,
    };
    let length = if length.is_empty() { Some(width) } else { length.trim().parse::<u32>().ok().filter(|length| *length <= width) };
    length.is_some_and(|length| {
        let free = width - length;
        base.checked_shr(free).unwrap_or(0) == address.checked_shr(free).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_contains_what_shares_its_first_bits() {
        for (network, inside) in [
            ("10.0.0.0/8", "10.200.3.4"),
            ("192.0.2.7", "192.0.2.7"),
            ("0.0.0.0/0", "198.51.100.1"),
            ("2001:db8::/32", "2001:db8:1::1"),
            ("::/0", "2001:db8::1"),
        ] {
            assert!(contains(network, address(inside)), "{network} {inside}");
        }
        for (network, outside) in [
            ("10.0.0.0/8", "11.0.0.1"),
            ("192.0.2.7/32", "192.0.2.8"),
            ("10.0.0.0/8", "::1"),
            ("10.0.0.0/33", "10.0.0.1"),
            ("x/8", "10.0.0.1"),
        ] {
            assert!(!contains(network, address(outside)), "{network} {outside}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let trusted = vec!["127.0.0.0/8".to_owned(), "10.0.0.0/8".to_owned()];
        let forwarded = ["203.0.113.9", " 198.51.100.4", "10.0.0.3"];
        assert_eq!(client(address("127.0.0.1"), &forwarded, &trusted), address("198.51.100.4"));
        assert_eq!(client(address("203.0.113.77"), &forwarded, &trusted), address("203.0.113.77"));
        assert_eq!(client(address("127.0.0.1"), &["nonsense"], &trusted), address("127.0.0.1"));
        assert_eq!(client(address("::ffff:127.0.0.1"), &["[2001:db8::5]:443"], &trusted), address("2001:db8::5"));
    }

    #[test]
    fn addresses_of_one_home_count_as_one() {
        assert_eq!(counted(address("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
        assert_eq!(counted(address("192.0.2.1")), "192.0.2.1");
    }
}
