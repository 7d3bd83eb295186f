//! The octets of the packet: offset, hex and text, with the bits of the selected field lit up in every frame and buffer.
//!
//! Must not change anything.

use ratatui::layout::Rect;

use super::focused;
use super::paint::Paint;
use crate::tui::layout::{Areas, OFFSET_WIDTH, hex_column, octet_rows, octets_in_line, text_column};
use crate::tui::model::{Model, Pane};
use crate::tui::octets::{self, Light, Tab};
use crate::tui::text::{Bit, made, own};
use crate::tui::theme::Role;
use crate::tui::work;

/// Draws the octets.
pub(super) fn octets(model: &Model, paint: &mut Paint<'_>, area: Rect, areas: &Areas) {
    if area.height == 0 {
        return;
    }
    let focus = focused(model, Pane::Octets);
    let (Some(opened), Some(tab)) = (&model.opened, model.tab()) else {
        paint.title(area, "Octets", "", focus);
        return;
    };
    titles(model, paint, area, focus);
    let lights: Vec<Light> = model.octets.lights.iter().filter(|l| l.tab == tab).copied().collect();
    let Some(octets) = octets::octets(opened, tab) else {
        let text = "the octets of this frame cannot be read again";
        paint.text(area.x.saturating_add(2), area.y.saturating_add(1), area.width.saturating_sub(2), text, Role::Dim);
        return;
    };
    let hits = work::octet_hits(model, octets);
    let in_line = octets_in_line(areas);
    let rows = octet_rows(areas);
    let lines = octets.chunks(usize::from(in_line).max(1)).enumerate().skip(model.octets.top).take(rows);
    for ((line, chunk), y) in lines.zip(area.y.saturating_add(1)..) {
        let offset = line.saturating_mul(usize::from(in_line));
        paint.text(area.x, y, OFFSET_WIDTH, &format!("{offset:04x}"), Role::Dim);
        for (at, octet) in (0u16..).zip(chunk) {
            let index = u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(u32::from(at));
            let lit = lit_bits(&lights, index);
            let hit = hits.iter().any(|h| h.octet_range().contains(&(index as usize)));
            let cursor = focus && index == model.octets.cursor / 8;
            let role = match (lit, hit) {
                (1.., _) => Role::Light,
                (0, true) => Role::Hit,
                (0, false) => Role::Text,
            };
            let x = area.x.saturating_add(hex_column(at));
            paint.text(x, y, 2, &format!("{octet:02x}"), role);
            // The gap between two octets of the field belongs to it.
            let next = lit_bits(&lights, index.saturating_add(1));
            let gap = hex_column(at.saturating_add(1)).saturating_sub(hex_column(at)).saturating_sub(2);
            if lit > 0 && next > 0 && at.saturating_add(1) < in_line {
                paint.text(x.saturating_add(2), y, gap, &" ".repeat(usize::from(gap)), Role::Light);
            }
            let c = if (0x20..0x7f).contains(octet) { char::from(*octet) } else { '.' };
            let tx = area.x.saturating_add(text_column(at, in_line));
            let plain = if c == '.' && role == Role::Text && *octet != b'.' { Role::Dim } else { role };
            paint.text(tx, y, 1, c.encode_utf8(&mut [0; 4]), plain);
            if cursor {
                paint.over(Rect { x, y, width: 2, height: 1 }, Role::Cursor);
                paint.over(Rect { x: tx, y, width: 1, height: 1 }, Role::Cursor);
            }
        }
    }
    if area.height > 2 {
        let y = area.y.saturating_add(area.height).saturating_sub(1);
        paint.row(Rect { y, height: 1, ..area }, &bit_line(model, octets, &lights));
    }
}

/// The tabs, the one looked at in brackets.
fn titles(model: &Model, paint: &mut Paint<'_>, area: Rect, focus: bool) {
    let Some(opened) = &model.opened else { return };
    let all = &model.octets.tabs;
    let names: Vec<String> = opened.with(|view| {
        all.iter()
            .enumerate()
            .map(|(at, tab)| {
                let lit = model.octets.lights.iter().any(|l| l.tab == *tab);
                let name = octets::title(view, *tab);
                let lit = if lit { model.theme.marks.marked } else { "" };
                if at == model.octets.tab && all.len() > 1 { format!("[{name}{lit}]") } else { format!("{name}{lit}") }
            })
            .collect()
    });
    // As many as fit, the one looked at among them.
    let lead = if area.width < 60 { "" } else { "Octets: " };
    let room = usize::from(area.width).saturating_sub(lead.len()).saturating_sub(if all.len() > 1 { 18 } else { 4 });
    let mut from = model.octets.tab;
    let mut to = from.saturating_add(1);
    let width = |from: usize, to: usize| {
        names.get(from..to).unwrap_or(&[]).iter().map(|n| n.len().saturating_add(1)).sum::<usize>()
    };
    loop {
        let grown = (from.saturating_sub(1), to.saturating_add(1).min(names.len()));
        if grown == (from, to) || width(grown.0, grown.1) > room {
            break;
        }
        (from, to) = grown;
    }
    let shown = names.get(from..to).unwrap_or(&[]).join(" ");
    let more = names.len().saturating_sub(to.saturating_sub(from));
    let right = match (more, all.len()) {
        (0, 0 | 1) => String::new(),
        (0, _) => "( )".to_owned(),
        (more, _) => format!("{more} more: ( )"),
    };
    paint.title(area, &format!("{lead}{shown}"), &right, focus);
}

/// How many bits of an octet belong to the field.
fn lit_bits(lights: &[Light], octet: u32) -> u32 {
    let (low, high) = (octet.saturating_mul(8), octet.saturating_mul(8).saturating_add(8));
    let lit = |l: &Light| l.start.saturating_add(l.len).min(high).saturating_sub(l.start.max(low));
    lights.iter().map(lit).sum()
}

/// The octet at the cursor bit by bit: those of the field stand out, the others are dim; and how far the field reaches.
fn bit_line(model: &Model, octets: &[u8], lights: &[Light]) -> Vec<Bit> {
    let at = model.octets.cursor / 8;
    let Some(octet) = octets.get(at as usize) else { return Vec::new() };
    let mut out = vec![made(format!("{at:04x}: "), Role::Dim)];
    let inside = |bit: u32| lights.iter().any(|l| l.start <= bit && bit < l.start.saturating_add(l.len));
    let bits_lit = lit_bits(lights, at);
    for bit in 0..8u32 {
        let number = at.saturating_mul(8).saturating_add(bit);
        let set = octet & (0x80 >> bit) != 0;
        let digit = if set { "1" } else { "0" };
        if bit == 4 {
            out.push(own(" ", Role::Dim));
        }
        // Bits of other fields stand as dots, so that it reads the same without colours.
        out.push(if inside(number) || bits_lit == 0 { own(digit, Role::Light) } else { own(".", Role::Dim) });
    }
    out.push(made(format!("  {octet} 0x{octet:02x}"), Role::Text));
    let bits: u32 = lights.iter().map(|l| l.len).sum();
    if bits > 0 {
        let size = if bits.is_multiple_of(8) { format!("{} octets", bits / 8) } else { format!("{bits} bits") };
        let size = if bits == 8 { "1 octet".to_owned() } else { size };
        let elsewhere = model.octets.lights.iter().filter(|l| Some(l.tab) != model.tab());
        let mut tabs: Vec<Tab> = elsewhere.map(|l| l.tab).collect();
        tabs.dedup();
        let also = if tabs.is_empty() { String::new() } else { format!(", also in {} other tabs", tabs.len()) };
        let also = if tabs.len() == 1 { ", also in 1 other tab".to_owned() } else { also };
        out.push(made(format!("  of {size}{also}"), Role::Dim));
    }
    out
}
