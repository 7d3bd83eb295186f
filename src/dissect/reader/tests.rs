//! Tests of the reader and of what it leaves for the chain, with dissectors made up for them.

use super::{Reader, Stop};
use crate::dissect::claim::{Claim, Dissector, Table};
use crate::dissect::{Chain, Facts, Found, Window, Work};
use crate::model::{BufId, Buffers, Field, Tree, Value};

static LAYER: Field = Field::layer("test", "Test").uncited("a test");
static OTHER: Field = Field::layer("other", "Other").uncited("a test");
static NUMBER: Field = Field::uint("test.number", "Number").uncited("a test");
static PORT: Field = Field::uint("test.port", "Port").uncited("a test").generated();

const fn dissector(layer: &'static Field, dissect: fn(&mut Reader<'_, '_>) -> Result<(), Stop>) -> Dissector {
    Dissector { layer, claims: &[], fields: &[], rules: &[], dissect, probe: None }
}

#[test]
fn what_a_layer_learns_after_it_handed_on_does_not_reach_what_it_handed_on_before() {
    static PARTS: Dissector = dissector(&LAYER, |r| {
        r.facts().dst_port = Some(1);
        r.hand_over_part(1, Claim::Named("other"));
        r.facts().dst_port = Some(2);
        r.hand_over_part(1, Claim::Named("other"));
        r.hand_over_part(1, Claim::Named("other"));
        r.facts().dst_port = Some(3);
        r.hand_over(Claim::Named("other"));
        r.facts().dst_port = Some(4);
        Ok(())
    });
    static SAYS: Dissector = dissector(&OTHER, |r| {
        let port = r.facts().dst_port.map_or(0, u64::from);
        r.generated(&PORT, Value::Uint(port));
        // What a layer above changes does not reach its neighbours.
        r.facts().dst_port = Some(9);
        r.u8(&NUMBER)?;
        Ok(())
    });
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    let octets = [0; 4];
    let mut buffers = Buffers::new(1, &octets);
    let table = Table::new(&[&PARTS, &SAYS]);
    chain.start(Window::whole(BufId::FRAME, octets.len(), 0), Claim::Named("test"), Facts::default());
    let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
    assert!(chain.run(&table, &mut work).is_none());
    let ports: Vec<Value> = tree.nodes().iter().filter(|node| node.field.is(&PORT)).map(|node| node.value).collect();
    assert_eq!(ports, [1, 2, 2, 3].map(Value::Uint));
}

#[test]
fn every_claim_and_name_of_the_list_is_found_under_its_number() {
    let table = Table::new(crate::dissect::DISSECTORS);
    for dissector in crate::dissect::DISSECTORS {
        assert!(table.knows(Claim::Named(dissector.layer.name)), "{}", dissector.layer.name);
        for claim in dissector.claims {
            assert!(table.knows(*claim), "{claim:?}");
        }
    }
    for port in 0..=u16::MAX {
        let claim = Claim::UdpPort(port);
        assert_eq!(table.knows(claim), table.claims().any(|known| known == claim), "{port}");
    }
    assert!(!table.knows(Claim::Named("")) && !table.knows(Claim::Named("nobody")));
}
