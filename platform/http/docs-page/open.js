// A file of its own: the Content-Security-Policy runs no inline script.
window.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null })
