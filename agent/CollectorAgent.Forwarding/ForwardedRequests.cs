using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Forwarding;

/// <summary>The first step of the pipeline: gives a forwarded request what its front has read.</summary>
public static class ForwardedRequests
{
    public static Task RestoreAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<ForwardedRequest>() is { } forwarded)
        {
            // Made of a string without the constructor, it would be decoded, and the front has done that.
            context.Request.Path = new PathString(forwarded.Path);
            context.Request.QueryString = QueryString.Create(forwarded.Query.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value)));
            foreach (var (name, value) in forwarded.Headers)
            {
                context.Request.Headers.Append(name, value);
            }
        }
        return next(context);
    }
}
