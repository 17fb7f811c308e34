"""The record inside an XMP packet, under the namespace of TC260; what else stands there stays."""

import xml.etree.ElementTree as ET

from quanyu.content.marking.record import KEY, Aigc, aigc_of
from quanyu.errors import BadInput

TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
META = "adobe:ns:meta/"
PACKET_BYTES_MAX = 1 << 20
_NAME = f"{{{TC260}}}{KEY}"
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_END = '<?xpacket end="w"?>'
for _prefix, _space in (("TC260", TC260), ("rdf", RDF), ("x", META)):
    ET.register_namespace(_prefix, _space)


def record_in(packet: bytes) -> Aigc | None:
    """None when the packet holds no record. Raises BadInput for a damaged one."""
    for one in _tree(packet).iter():
        if one.tag == _NAME:
            return aigc_of((one.text or "").strip())
        if _NAME in one.attrib:
            return aigc_of(one.attrib[_NAME].strip())
    return None


def with_record(packet: bytes | None, record: Aigc) -> bytes:
    """The packet with this record in the place of any other; a new one without a packet."""
    root = _new() if packet is None else _tree(packet)
    rdf = root if root.tag == f"{{{RDF}}}RDF" else root.find(f"{{{RDF}}}RDF")
    if rdf is None:
        raise BadInput("image.xmp", "the XMP packet has no rdf:RDF; write the image anew")
    _forget(root)
    described = ET.SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    ET.SubElement(described, _NAME).text = record.as_text()
    return f"{_BEGIN}{ET.tostring(root, encoding='unicode')}{_END}".encode()


def _forget(root: ET.Element) -> None:
    """And what held nothing else: a picture that is marked again must not grow."""
    for parent in root.iter():
        parent.attrib.pop(_NAME, None)
        for child in [one for one in parent if one.tag == _NAME]:
            parent.remove(child)
    for parent in list(root.iter()):
        for child in [one for one in parent if _says_nothing(one)]:
            parent.remove(child)


def _says_nothing(one: ET.Element) -> bool:
    bare = set(one.attrib) <= {f"{{{RDF}}}about"} and not (one.text or "").strip()
    return one.tag == f"{{{RDF}}}Description" and not len(one) and bare


def _new() -> ET.Element:
    root = ET.Element(f"{{{META}}}xmpmeta")
    ET.SubElement(root, f"{{{RDF}}}RDF")
    return root


def _tree(packet: bytes) -> ET.Element:
    """Without document types: they are what an XML bomb is made of."""
    if len(packet) > PACKET_BYTES_MAX or b"<!" in packet.replace(b"<!--", b""):
        raise BadInput("image.xmp", "the XMP packet is too large or declares a document type")
    try:
        return ET.fromstring(packet.decode().strip("\0 \n\ufeff"))  # noqa: S314 — no types, bounded
    except (ET.ParseError, UnicodeDecodeError, ValueError):
        raise BadInput("image.xmp", "the XMP packet is damaged; write the image anew") from None
