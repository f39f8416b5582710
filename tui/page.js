// Keys go to the screen from the start, without a click on it.
addEventListener("load", function give() {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys) {
    keys.focus();
  } else {
    setTimeout(give, 50);
  }
});
