//! Render: a verdict as text or JSON. Renderers decide nothing.
