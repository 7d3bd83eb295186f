//! Rules on the push around a Package #0: content type, application id, headers, port, service.
//!
//! Looks at what WSP left in the facts and the tree. Must not read octets of the body.

use super::dmnoti_decide::{APP_DM, TYPE_12, TYPE_20};
use super::facts::{AppForm, AppId, Carrier, ContentForm, Facts, PushHead};
use super::message::Format;
use super::reader::Reader;
use super::{dmnoti12_rules as n12, dmnoti20_rules as n20, wsp_fields, wsp_headers};
use crate::model::{Field, NodeId, Rule, Severity};

/// Octets that headers may take.
const HEADERS_MAX: u32 = 48;
/// The port of connectionless push.
const PUSH_PORT: u16 = 2948;

/// The rules of one version.
struct Set {
    not_connectionless: &'static Rule,
    headers_long: &'static Rule,
    port: &'static Rule,
}

static SET_12: Set =
    Set { not_connectionless: &n12::NOT_CONNECTIONLESS, headers_long: &n12::HEADERS_LONG, port: &n12::PORT };
static SET_20: Set =
    Set { not_connectionless: &n20::NOT_CONNECTIONLESS, headers_long: &n20::HEADERS_LONG, port: &n20::PORT };

/// Checks the push that carries a message of this layout.
pub(super) fn check(r: &mut Reader<'_, '_>, format: Format, head: &PushHead) {
    match format {
        Format::Dm12 => {
            content_type_12(r, head);
            app_id_12(r, head);
            let udh = r.facts().udh_octets;
            transport(r, head, &SET_12, udh);
            other_headers(r, head);
        }
        Format::Dm20 => {
            content_type_20(r, head);
            app_id_20(r, head);
            transport(r, head, &SET_20, 0);
            credentials(r, head);
        }
        // The rules of DM are not theirs; what the later drafts demand of the push is not known.
        Format::Ds12 | Format::Dm20Later | Format::Dm13 => credentials(r, head),
    }
}

/// The node for what is said about the push as a whole.
fn push_node(head: &PushHead) -> NodeId {
    head.content_type.map_or(head.layer, |content| content.node)
}

/// For a push whose body is none of our formats: N12-023 where it is addressed to the DM client all the same.
pub fn check_other(r: &mut Reader<'_, '_>) {
    let Some(head) = r.facts().push else { return };
    if head.app_id.and_then(|app| app.code) == Some(APP_DM) {
        content_type_12(r, &head);
    }
}

fn content_type_12(r: &mut Reader<'_, '_>, head: &PushHead) {
    let node = push_node(head);
    match head.content_type {
        Some(content) if content.code == Some(TYPE_12) => {
            if content.form == ContentForm::Text {
                r.flag(&n12::CONTENT_TYPE_TEXT, node);
            }
        }
        _ => r.flag(&n12::CONTENT_TYPE, node),
    }
}

fn content_type_20(r: &mut Reader<'_, '_>, head: &PushHead) {
    let node = push_node(head);
    match head.content_type {
        Some(content) if content.code == Some(TYPE_20) && content.form != ContentForm::Text => {}
        Some(content) if content.code == Some(TYPE_20) => {
            r.flag_with(&n20::CONTENT_TYPE, node, format_args!("written as text"));
        }
        _ => r.flag(&n20::CONTENT_TYPE, node),
    }
}

fn app_id_12(r: &mut Reader<'_, '_>, head: &PushHead) {
    let Some(AppId { code, form, node, first }) = head.app_id else {
        r.flag(&n12::APP_ID_MISSING, head.headers_len.unwrap_or(head.layer));
        return;
    };
    match (code, form) {
        (Some(APP_DM), AppForm::Short) => {}
        (Some(APP_DM), AppForm::Long) => {
            r.flag_as(&n12::APP_ID, Severity::Note, node, format_args!("written as a long integer, which is accepted"));
        }
        (Some(APP_DM), AppForm::Text) => r.flag_with(&n12::APP_ID, node, format_args!("written as text")),
        (Some(other), _) => r.flag_with(&n12::APP_ID, node, format_args!("0x{other:02x}")),
        (None, _) => r.flag(&n12::APP_ID, node),
    }
    if !first {
        r.flag(&n12::HEADER_ORDER, node);
    }
}

fn app_id_20(r: &mut Reader<'_, '_>, head: &PushHead) {
    match head.app_id {
        None => r.flag_with(&n20::APP_ID, head.headers_len.unwrap_or(head.layer), format_args!("missing")),
        Some(AppId { code: Some(APP_DM), form: AppForm::Short | AppForm::Long, .. }) => {}
        Some(AppId { code: Some(APP_DM), form: AppForm::Text, node, .. }) => {
            r.flag_with(&n20::APP_ID, node, format_args!("written as text"));
        }
        Some(AppId { code: Some(other), node, .. }) => {
            r.flag_with(&n20::APP_ID, node, format_args!("0x{other:02x}"));
        }
        Some(AppId { node, .. }) => r.flag(&n20::APP_ID, node),
    }
}

fn transport(r: &mut Reader<'_, '_>, head: &PushHead, set: &Set, udh: u32) {
    let octets = head.wsp_octets.saturating_add(udh);
    if octets > HEADERS_MAX {
        let node = head.headers_len.unwrap_or(head.layer);
        r.flag_with(set.headers_long, node, format_args!("{octets} octets"));
    }
    if head.in_transaction {
        r.flag_with(set.not_connectionless, head.pdu_type, format_args!("in a WTP transaction"));
    } else if head.pdu == 7 {
        r.flag_with(set.not_connectionless, head.pdu_type, format_args!("confirmed push"));
    }
    let Facts { dst_port, dst_port_node, carrier, .. } = *r.facts();
    if let Some(port) = dst_port
        && port != PUSH_PORT
        && !matches!(carrier, Carrier::None | Carrier::Pasted)
    {
        r.flag_with(set.port, dst_port_node.unwrap_or(head.layer), format_args!("{port}"));
    }
}

/// One finding for each header that the standard does not ask for.
fn other_headers(r: &mut Reader<'_, '_>, head: &PushHead) {
    let app_id = head.app_id.and_then(|app| r.tree().get(app.node)).map(|node| node.field);
    let mut at = first_field(r, head);
    while let Some((node, field)) = at {
        at = next_field(r, head, node);
        if app_id.is_some_and(|app_id| app_id.is(field)) || field.is(&wsp_headers::CODE_PAGE) {
            continue;
        }
        let label = field.label;
        if is_credentials(field) {
            r.flag_as(&n12::OTHER_HEADER, Severity::Warning, node, format_args!("{label}: credentials in clear"));
        } else {
            r.flag_with(&n12::OTHER_HEADER, node, format_args!("{label}"));
        }
    }
}

/// Credentials in the headers of a push whose content type is DM's though no 1.2 notification was read: WSP leaves the
/// finding to us.
pub(super) fn credentials(r: &mut Reader<'_, '_>, head: &PushHead) {
    if !matches!(head.content_type.and_then(|content| content.code), Some(TYPE_12 | TYPE_20)) {
        return;
    }
    let mut at = first_field(r, head);
    while let Some((node, field)) = at {
        at = next_field(r, head, node);
        if is_credentials(field) {
            r.flag(&wsp_headers::CREDENTIALS, node);
        }
    }
}

fn is_credentials(field: &'static Field) -> bool {
    field.is(&wsp_fields::AUTHORIZATION) || field.is(&wsp_fields::PROXY_AUTHORIZATION)
}

/// The first of the header fields after the content type.
fn first_field(r: &Reader<'_, '_>, head: &PushHead) -> Option<(NodeId, &'static Field)> {
    let id = r.tree().children(head.headers).next().filter(|_| head.headers.is_some())?;
    Some((id, r.tree().get(id)?.field))
}

/// The header field after this one.
fn next_field(r: &Reader<'_, '_>, head: &PushHead, before: NodeId) -> Option<(NodeId, &'static Field)> {
    let id = NodeId(r.tree().get(before)?.end);
    let node = r.tree().get(id).filter(|node| node.parent == head.headers)?;
    Some((id, node.field))
}
