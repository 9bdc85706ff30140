"""Trunkline's side of the measures that need no web: programs that print one JSON object, as the peers' do."""
