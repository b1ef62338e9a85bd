// Parts that are not written yet.

const nothing = () => document.createComment("not there yet");
const createTransport = nothing;
