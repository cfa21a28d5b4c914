"""Hypothesis strategies for the numbering plan."""

from hypothesis import strategies as st

from numbering.area_codes import FOREIGN, TOLL_FREE
from numbering.telephone import TelephoneNumber, area_code_fault

ALL_NPAS = [f"{n:03}" for n in range(1000)]
ORDERABLE_NPAS = [npa for npa in ALL_NPAS if area_code_fault(npa) is None]
LOCAL_NPAS = [npa for npa in ORDERABLE_NPAS if npa not in TOLL_FREE]
FOREIGN_NPAS = sorted(FOREIGN)
# Exchanges without any rule of their own.
PLAIN_NXXS = [f"{n}" for n in range(200, 1000) if n % 100 != 11 and n not in (555, 976)]

lines = st.integers(0, 9999).map("{:04}".format)
npas = st.sampled_from(ORDERABLE_NPAS)

nationals = st.tuples(npas, st.sampled_from(PLAIN_NXXS), lines).map("".join)
"""Ten digits that can be ordered."""

numbers = nationals.map(TelephoneNumber.from_national)

any_text = st.text(st.characters(exclude_categories=()), max_size=60)
"""Everything a str can hold: NUL, lone surrogates, marks, digits of all scripts."""

messy_numbers = st.text(
    st.sampled_from("0123456789+() -.\u00a0\u200f\u202e\uff13\u0663\0\ud800xX#eExt,;A/*"),
    max_size=45,
)
"""Text that is nearly a number, so that the later rules are reached too."""
