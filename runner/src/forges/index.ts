import type { Forge } from "../contract";
import type { PullRequests, Server } from "./client";
import { Gitea } from "./gitea";
import { GitHub } from "./github";
import { GitLab } from "./gitlab";

const CLIENTS: Readonly<Record<Forge, new (server: Server) => PullRequests>> = {
  github: GitHub,
  gitlab: GitLab,
  gitea: Gitea,
};

export const pullRequests = (forge: Forge, server: Server): PullRequests => new CLIENTS[forge](server);
