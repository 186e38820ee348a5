//! The variables that Kubernetes and Docker set in every container for a service of this program's name: no settings.
//!
//! A service called `rfmetrics` gives `RFMETRICS_SERVICE_HOST`, `RFMETRICS_SERVICE_PORT`, `RFMETRICS_SERVICE_PORT_HTTP`,
//! `RFMETRICS_PORT` and `RFMETRICS_PORT_8080_TCP` with `_PROTO`, `_PORT` and `_ADDR`; one called `rfmetrics-web` gives
//! `RFMETRICS_WEB_...`. Does not live here: settings (`keys`).

/// Whether a variable that is no setting is such a link. A name that only ends in `_PORT` must have the address of a port as its
/// value: it could be a misspelt setting.
pub(super) fn is_one(name: &str, value: &str) -> bool {
    let Some(name) = name.strip_prefix("RFMETRICS_") else { return false };
    let ends_with = |ending: &str| name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    name == "PORT"
        || ends_with("SERVICE_HOST")
        || ends_with("SERVICE_PORT")
        || name.starts_with("SERVICE_PORT_")
        || name.contains("_SERVICE_PORT_")
        || ends_with("PORT") && is_address
        || is_numbered_port(name)
}

/// `PORT_8080_TCP`, `WEB_PORT_53_UDP_ADDR`.
fn is_numbered_port(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let words = match words.as_slice() {
        [head @ .., "PROTO" | "PORT" | "ADDR"] => head,
        all => all,
    };
    let [.., "PORT", number, "TCP" | "UDP" | "SCTP"] = words else { return false };
    number.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_services_are_known_by_their_names() {
        for name in [
            "RFMETRICS_PORT",
            "RFMETRICS_SERVICE_HOST",
            "RFMETRICS_SERVICE_PORT",
            "RFMETRICS_SERVICE_PORT_HTTP",
            "RFMETRICS_PORT_8080_TCP",
            "RFMETRICS_PORT_8080_TCP_PROTO",
            "RFMETRICS_PORT_8080_TCP_PORT",
            "RFMETRICS_PORT_8080_TCP_ADDR",
            "RFMETRICS_WEB_SERVICE_HOST",
            "RFMETRICS_WEB_SERVICE_PORT_HTTPS",
            "RFMETRICS_WEB_PORT_53_UDP_ADDR",
        ] {
            assert!(is_one(name, "10.0.0.1"), "{name}");
        }
        assert!(is_one("RFMETRICS_WEB_PORT", "tcp://10.0.0.1:80"));
    }

    #[test]
    fn other_names_are_not_taken_for_links() {
        for name in [
            "RFMETRICS_OUTPUT_PORT",
            "RFMETRICS_OUTPUT_PAHT",
            "RFMETRICS_REPORT",
            "RFMETRICS_PORT_X_TCP",
            "RFMETRICS_EXPORT_8080_TCP",
            "RFMETRICS_SERVICEHOST",
            "PORT",
        ] {
            assert!(!is_one(name, "reports"), "{name}");
        }
    }
}
