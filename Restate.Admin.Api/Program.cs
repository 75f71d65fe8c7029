using Restate.Admin.Api;

return await RestateNode.RunAsync(args);
