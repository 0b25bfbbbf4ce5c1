(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (!form) { return; }
  var words = document.getElementById("words");
  var result = document.getElementById("result");
  var rule = document.getElementById("rule");
  var shown = document.getElementById("shown");
  var rows = Array.prototype.map.call(document.querySelectorAll("#checks tbody tr"), function (row) {
    return { row: row, text: row.textContent.toLowerCase(), result: row.getAttribute("data-result"), rule: row.getAttribute("data-rule") };
  });
  function apply() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (entry) {
      var fits = (!result.value || entry.result === result.value) && (!rule.value || entry.rule === rule.value) &&
        wanted.every(function (word) { return entry.text.indexOf(word) >= 0; });
      if (entry.row.hidden === fits) { entry.row.hidden = !fits; }
      if (fits) { count += 1; }
    });
    shown.textContent = count + " of " + rows.length + " checks";
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  var waiting = 0;
  function soon(delay) { window.clearTimeout(waiting); waiting = window.setTimeout(apply, delay); }
  form.addEventListener("reset", function () { soon(0); });
  // Not for every letter: a page may have thousands of rows.
  words.addEventListener("input", function () { soon(120); });
  [result, rule].forEach(function (control) { control.addEventListener("input", apply); });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
  apply();
})();
