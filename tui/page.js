// Keys go to the screen from the start, without a click on it; not before its socket is open, which is told of the focus.
addEventListener("load", function give() {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys && document.body.classList.contains("-loaded")) {
    keys.focus();
  } else {
    setTimeout(give, 50);
  }
});
