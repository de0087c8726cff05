namespace CollectorAgent.Forwarding;

/// <summary>Finds where an object of JSON ends, in portions as they come: a sender says nothing of the length, and waits.</summary>
internal struct JsonEnd
{
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;

    /// <returns>Whether the object has ended; false also before it begins.</returns>
    /// <exception cref="ForwardedRequestException">It is no object.</exception>
    public bool IsReachedBy(ReadOnlySpan<byte> portion)
    {
        foreach (byte b in portion)
        {
            if (_isInText)
            {
                _isInText = _isEscaped || b != '"';
                _isEscaped = !_isEscaped && b == '\\';
            }
            else if (_depth == 0 && b is not ((byte)'{' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                throw new ForwardedRequestException("The message is no JSON object.", 400);
            }
            else if (b == '"')
            {
                _isInText = true;
            }
            else if (b is (byte)'{' or (byte)'[')
            {
                _depth++;
            }
            else if (b is (byte)'}' or (byte)']' && --_depth == 0)
            {
                // What follows is the parser's to judge.
                return true;
            }
        }
        return false;
    }
}
