use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, HclBody, HclText};

/// Ports of databases and of administration that Terraform opens to the internet, and databases with an address there.
///
/// The rule's words: `ports`, each `number=what listens there`.
pub(in crate::detect::deploy) fn public_ingress(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    if !(has(b"0.0.0.0/0") || has(b"publicly_accessible") || has(b"\"*\"") || has(b"Internet")) {
        return;
    }
    let Some(severity) = Standing::of(view).fault(rule.rule.severity) else { return };
    let Ok(body) = view.hcl() else { return };
    let mut say = |span: Range<usize>, what: String, severity: Severity| {
        emit.raw(weighed(Raw::at(span).message(what), severity));
    };
    for block in body.get_blocks("resource") {
        let kind = block.labels.first().map_or("", |label| label.as_str());
        let inside = &block.body;
        match kind {
            "aws_security_group" | "aws_default_security_group" => {
                for ingress in inside.get_blocks("ingress") {
                    check(
                        &ingress.body,
                        &["cidr_blocks", "ipv6_cidr_blocks"],
                        ("from_port", "to_port"),
                        rule,
                        severity,
                        &mut say,
                    );
                }
            }
            "aws_security_group_rule" if text(inside, "type") == Some("ingress") => {
                check(
                    inside,
                    &["cidr_blocks", "ipv6_cidr_blocks"],
                    ("from_port", "to_port"),
                    rule,
                    severity,
                    &mut say,
                );
            }
            "aws_vpc_security_group_ingress_rule" => {
                check(
                    inside,
                    &["cidr_ipv4", "cidr_ipv6"],
                    ("from_port", "to_port"),
                    rule,
                    severity,
                    &mut say,
                );
            }
            "azurerm_network_security_rule"
                if text(inside, "direction") == Some("Inbound")
                    && text(inside, "access") == Some("Allow") =>
            {
                let names = ["source_address_prefix", "source_address_prefixes"];
                check(
                    inside,
                    &names,
                    ("destination_port_range", "destination_port_range"),
                    rule,
                    severity,
                    &mut say,
                );
            }
            "google_compute_firewall" => {
                let Some(open) = open_attribute(inside, &["source_ranges"]) else { continue };
                for allow in inside.get_blocks("allow") {
                    let Some(Expression::Array(ports)) = allow.body.get_attribute("ports").map(|a| &a.value)
                    else {
                        continue;
                    };
                    let known = ports.iter().filter_map(|port| {
                        let port = port.as_str()?;
                        let (from, to) = port.split_once('-').unwrap_or((port, port));
                        listens(from.parse().ok()?, to.parse().ok()?, rule)
                    });
                    if let Some(what) = known.into_iter().next() {
                        say(open.clone(), format!("the whole internet reaches {what}"), severity);
                    }
                }
            }
            "aws_db_instance" | "aws_rds_cluster_instance" | "aws_redshift_cluster" => {
                if let Some(attribute) = inside.get_attribute("publicly_accessible")
                    && attribute.value.as_bool() == Some(true)
                    && let Some(span) = attribute.value.span()
                {
                    say(span, "the database has an address in the internet".to_owned(), severity);
                }
            }
            _ => {}
        }
    }
}

fn text<'b>(body: &'b HclBody, name: &str) -> Option<&'b str> {
    HclText::attribute(body, name).map(|text| text.text)
}

/// The attribute of one of these names that lets everybody in.
fn open_attribute(body: &HclBody, names: &[&str]) -> Option<Range<usize>> {
    let is_open = |text: &str| matches!(text, "0.0.0.0/0" | "::/0" | "*" | "Internet");
    names.iter().find_map(|name| {
        let value = &body.get_attribute(name)?.value;
        let texts: Vec<&Expression> =
            value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
        texts.into_iter().find(|item| item.as_str().is_some_and(is_open))?.span()
    })
}

fn check(
    body: &HclBody,
    sources: &[&str],
    ports: (&str, &str),
    rule: &Prepared,
    severity: Severity,
    say: &mut impl FnMut(Range<usize>, String, Severity),
) {
    let Some(open) = open_attribute(body, sources) else { return };
    let number = |name: &str| {
        let value = &body.get_attribute(name)?.value;
        value.as_number().and_then(hcl_edit::Number::as_u64).or_else(|| value.as_str()?.parse().ok())
    };
    let is_all = text(body, "protocol") == Some("-1") || text(body, ports.0) == Some("*");
    if is_all {
        say(open, "the whole internet reaches every port".to_owned(), severity);
    } else if let (Some(from), Some(to)) = (number(ports.0), number(ports.1))
        && let Some(what) = listens(from, to, rule)
    {
        say(open, format!("the whole internet reaches {what}"), severity);
    }
}

/// What of that kind listens in a range of ports.
fn listens(from: u64, to: u64, rule: &Prepared) -> Option<String> {
    if from == 0 && to >= 65_535 {
        return Some("every port".to_owned());
    }
    rule.rule.detect.words("ports").iter().find_map(|known| {
        let (number, what) = known.split_once('=')?;
        let number: u64 = number.parse().ok()?;
        (from <= number && number <= to).then(|| format!("{what} (port {number})"))
    })
}
