select 1 as article_id, 'Machine learning' as title, 'Neural networks learn from data.' as content
