// How the HTML of the book is judged: all that html-validate recommends but the rules below, which
// break on what Sphinx and its theme write, and harm no reader.
module.exports = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // How the text is laid out, which browsers do not see.
    "no-trailing-whitespace": "off", // of the templates of Sphinx
    "void-style": "off", // <br/> and <br> are the same
    "attribute-boolean-style": "off", // defer="defer" and defer are the same

    // HTML allows a dot in an id, and the name of a function has one.
    "valid-id": ["error", {relaxed: true}],

    // The theme's own choices, and those of Sphinx.
    "prefer-tbody": "off", // the table of the index has none
    "no-redundant-role": "off", // <main role="main"> says it to old browsers
    "prefer-native-element": "off", // captions of the contents: <p role="heading" aria-level="2">
    "wcag/h32": "off", // the search has no button to submit it: it starts with Enter
    "no-inline-style": "off", // the widths of columns, and the styles of MathJax

    // A title names the page and the report, since a browser shows it among other pages.
    "long-title": "off",
  },
};
