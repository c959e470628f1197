/* A passkey that fails says so on the page: allauth's script only tells the console. */
document.addEventListener('allauth.error', (event) => {
  const said = document.getElementById('passkey-said')
  if (!said) return
  event.preventDefault()
  said.textContent = ''
  window.setTimeout(() => { said.textContent = said.dataset.words }, 50)
})
