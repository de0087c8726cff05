using System.Net;

namespace CollectorAgent.Http.Tests;

/// <summary>A reader that has the newest document gets no other.</summary>
public sealed class ConditionalTests(EndpointRig rig) : IClassFixture<EndpointRig>
{
    [Theory]
    [InlineData("/rrd_updates?start=-60")]
    [InlineData("/host_rrd")]
    [InlineData("/vm_rrd?uuid=" + EndpointRig.Vm1)]
    [InlineData("/sr_rrd?uuid=" + EndpointRig.Sr)]
    [InlineData("/metrics")]
    public async Task Document_is_sent_again_only_after_a_tick(string path)
    {
        string tag = await TagAsync(path);

        using (var unchanged = await GetAsync(path, tag))
        {
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
            Assert.Empty(await unchanged.Content.ReadAsByteArrayAsync());
            Assert.Equal(tag, unchanged.Headers.ETag!.ToString());
        }
        rig.Tick();
        using var changed = await GetAsync(path, tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(tag, changed.Headers.ETag!.ToString());
        Assert.NotEmpty(await changed.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Tag_of_one_form_says_nothing_of_the_other()
    {
        string tag = await TagAsync("/host_rrd");

        using var json = await GetAsync("/host_rrd?json", tag);

        Assert.Equal(HttpStatusCode.OK, json.StatusCode);
    }

    [Fact]
    public async Task Answer_that_is_no_document_has_no_tag()
    {
        using var missing = await GetAsync("/vm_rrd?uuid=99999999-0000-4000-8000-000000000009", "\"x\"");

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Null(missing.Headers.ETag);
    }

    private async Task<string> TagAsync(string path)
    {
        using var response = await GetAsync(path, "\"something else\"");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.ETag!.ToString();
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return await rig.Http.SendAsync(request);
    }
}
