// What the theme makes while the page is shown, for those who use no mouse: the buttons of a block are no navigation, and a block that is
// wider than its column can be scrolled with the keyboard.
function mend() {
  document.querySelectorAll("nav.md-code__nav").forEach((buttons) => buttons.setAttribute("role", "presentation"));
  document.querySelectorAll("pre > code, .md-typeset__scrollwrap").forEach((wide) => { wide.tabIndex = 0; });
}
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
mend();
