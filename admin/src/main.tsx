import { createRoot } from "react-dom/client";
import { App, makeApp } from "@/app";
import { followLink } from "@/features/auth/link";
import { followTheme } from "@/theme";
import "@/theme.css";

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root");

followTheme();
followLink(window.location, window.history);

createRoot(container).render(<App {...makeApp()} />);
