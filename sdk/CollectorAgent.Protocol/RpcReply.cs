namespace CollectorAgent.Protocol;

/// <summary>The envelope in which every answer travels: a struct of a status and a value or an error.</summary>
public static class RpcReply
{
    private const string Status = "Status";
    private const string Success = "Success";
    private const string Failure = "Failure";
    private const string Value = "Value";
    private const string ErrorDescription = "ErrorDescription";

    /// <summary>The envelope of a result.</summary>
    public static XmlRpcValue Succeeded(XmlRpcValue value) =>
        new XmlRpcValue.Struct([new(Status, Success), new(Value, value)]);

    /// <summary>The envelope of an error: its variant and what it is about.</summary>
    public static XmlRpcValue Failed(string variant, string text) =>
        new XmlRpcValue.Struct([new(Status, Failure), new(ErrorDescription, new XmlRpcValue.List([variant, text]))]);

    /// <summary>Opens an envelope.</summary>
    /// <exception cref="RpcFailureException">The answer is an error.</exception>
    /// <exception cref="XmlRpcFormatException">The answer is no envelope.</exception>
    public static XmlRpcValue Open(XmlRpcValue reply)
    {
        if (reply is XmlRpcValue.Struct envelope)
        {
            if (envelope.Find(Status)?.AsText == Success && envelope.Find(Value) is { } value)
            {
                return value;
            }
            if (envelope.Find(Status)?.AsText == Failure && envelope.Find(ErrorDescription) is XmlRpcValue.List { Items.Count: > 0 } error)
            {
                throw new RpcFailureException(error.Items[0].AsText ?? "", string.Join(' ', error.Items.Skip(1).Select(i => i.AsText)));
            }
        }
        throw new XmlRpcFormatException("the answer is no status envelope");
    }
}
